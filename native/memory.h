// Owned arrays. An allocation that fails leaves the array empty; whoever allocates checks and reports it, since there
// are no exceptions here.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "platform.h"

namespace VOUCH_KERNEL {

template <class T>
class Array {
 public:
  Array() = default;
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  ~Array() { vouchRelease(data_, size_ * sizeof(T)); }

  /** Makes room for `size` uninitialised elements in place of what was there. */
  [[nodiscard]] bool allocate(uint64_t size) {
    vouchRelease(data_, size_ * sizeof(T));
    data_ = nullptr;
    size_ = 0;
    if (size > SIZE_MAX / sizeof(T)) return false;
    data_ = static_cast<T*>(vouchAllocate(static_cast<size_t>(size) * sizeof(T)));
    if (data_ == nullptr) return false;
    size_ = static_cast<size_t>(size);
    return true;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  T& operator[](size_t index) { return data_[index]; }
  const T& operator[](size_t index) const { return data_[index]; }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

/** An array that is zeroed before its memory goes back; allocated once. */
template <class T>
class SecretArray : public Array<T> {
 public:
  ~SecretArray() {
    if (this->data() != nullptr) vouchWipe(this->data(), this->size() * sizeof(T));
  }
};

/** A value that is zeroed when its scope ends. */
template <class T>
struct Secret {
  T value;

  ~Secret() { vouchWipe(&value, sizeof value); }
};

}  // namespace VOUCH_KERNEL
