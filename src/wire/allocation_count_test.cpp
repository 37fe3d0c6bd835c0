// Counts every allocation of the test program, so that a test can demand that decoding makes none. Alone in
// its file: compilers warn where they see both these and what they replace.

#include <cstdlib>
#include <new>

namespace {
unsigned long allocations = 0;
}  // namespace

namespace uhoh::wire {
/// How many allocations there were since start.
unsigned long allocations_so_far() noexcept;
unsigned long allocations_so_far() noexcept { return allocations; }
}  // namespace uhoh::wire

void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc{};
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
