// A file in memory, read-only. Its pages are read when they are first used: what a file claims to be is checked before it can
// cost memory. One that is cut short while it is mapped ends the process at the next read beyond its end.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

namespace addon {

/** More than the longest key that the kernels take, 2^28 wires with 2^32 coefficients. */
constexpr off_t kMostFileBytes = static_cast<off_t>(1) << 39;

struct MappedFile {
  uint8_t* bytes;
  size_t size;
};

/** 0, or −errno: −EINVAL for what is empty, −ESPIPE or −ENODEV for what is no file, −EFBIG for what is too large. */
inline int32_t mapFile(const char* path, MappedFile& mapped) {
  // What waits for a writer is refused, not waited for.
  const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return -errno;
  const off_t size = lseek(file, 0, SEEK_END);
  int32_t status = size < 0 ? -errno : size == 0 ? -EINVAL : size > kMostFileBytes ? -EFBIG : 0;
  if (status == 0) {
    void* bytes = mmap(nullptr, static_cast<size_t>(size), PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED) status = -errno;
    else mapped = {static_cast<uint8_t*>(bytes), static_cast<size_t>(size)};
  }
  close(file);
  return status;
}

inline void unmapFile(MappedFile& mapped) {
  if (mapped.bytes != nullptr) munmap(mapped.bytes, mapped.size);
}

}  // namespace addon
