// A file in memory, read-only.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

namespace addon {

struct MappedFile {
  uint8_t* bytes;
  size_t size;
};

/** 0, or −errno. */
inline int32_t mapFile(const char* path, MappedFile& mapped) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  const off_t size = lseek(file, 0, SEEK_END);
  void* bytes = size <= 0 ? MAP_FAILED : mmap(nullptr, static_cast<size_t>(size), PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  const int32_t status = size <= 0 ? -EINVAL : bytes == MAP_FAILED ? -errno : 0;
  close(file);
  if (status == 0) mapped = {static_cast<uint8_t*>(bytes), static_cast<size_t>(size)};
  return status;
}

inline void unmapFile(MappedFile& mapped) {
  if (mapped.bytes != nullptr) munmap(mapped.bytes, mapped.size);
}

}  // namespace addon
