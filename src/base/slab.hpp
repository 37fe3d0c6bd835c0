#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace uhoh {

/// Names an element of a `Slab`: a place, and which of the place's successive tenants is meant.
struct SlabRef {
  std::uint32_t index = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t generation = 0;

  friend constexpr bool operator==(SlabRef, SlabRef) = default;
  /// True unless this is the empty reference (a full slab gives it, no element ever has it).
  [[nodiscard]] constexpr explicit operator bool() const noexcept { return generation != 0; }
};

/// Keeps elements at stable addresses under dense indices; insert, erase and get take constant time.
///
/// Shape:  chunks of `chunk_elements`, allocated when first needed and kept; an erased place is used again
///         first. Costs sizeof(T) + 4 bytes an element: the generation is odd while the place is taken.
/// Errors: a reference to an erased element finds nothing, until its place was used 2^31 times more.
/// Thread: one owner.
template <class T, std::uint32_t chunk_elements = 4096>
class Slab {
  static_assert((chunk_elements & (chunk_elements - 1)) == 0, "a power of two");

 public:
  /// Makes an empty slab that holds at most `limit` elements.
  explicit Slab(std::uint32_t limit = std::numeric_limits<std::uint32_t>::max()) noexcept : limit_{limit} {}
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() { clear(); }

  /// Constructs an element; the empty reference when the slab is full.
  template <class... Arguments>
  [[nodiscard]] SlabRef emplace(Arguments&&... arguments) {
    if (size_ == limit_) return {};
    const bool reuse = first_free_ != none;
    const std::uint32_t index = reuse ? first_free_ : fresh_;
    if (!reuse && index / chunk_elements == chunks_.size()) {
      chunks_.push_back(std::make_unique_for_overwrite<Chunk>());
      for (auto& generation : chunks_.back()->generations) generation = 0;
    }
    Chunk& chunk = chunk_of(index);
    Place& place = chunk.places[index % chunk_elements];
    const std::uint32_t next_free = reuse ? place.next_free : none;
    try {
      ::new (static_cast<void*>(&place.element)) T(std::forward<Arguments>(arguments)...);
    } catch (...) {
      if (reuse) place.next_free = next_free;
      throw;
    }
    if (reuse)
      first_free_ = next_free;
    else
      ++fresh_;
    ++size_;
    return {index, ++chunk.generations[index % chunk_elements]};
  }
  /// Moves an element in; the empty reference when the slab is full.
  [[nodiscard]] SlabRef insert(T element) { return emplace(std::move(element)); }

  /// Destroys an element; false when it was gone already.
  bool erase(SlabRef ref) noexcept {
    T* element = get(ref);
    if (element == nullptr) return false;
    element->~T();
    Chunk& chunk = chunk_of(ref.index);
    ++chunk.generations[ref.index % chunk_elements];
    chunk.places[ref.index % chunk_elements].next_free = first_free_;
    first_free_ = ref.index;
    --size_;
    return true;
  }

  /// The element, or nullptr when it was erased.
  [[nodiscard]] T* get(SlabRef ref) noexcept {
    if (ref.index >= fresh_ || (ref.generation & 1) == 0) return nullptr;
    Chunk& chunk = chunk_of(ref.index);
    if (chunk.generations[ref.index % chunk_elements] != ref.generation) return nullptr;
    return &chunk.places[ref.index % chunk_elements].element;
  }
  /// The element, or nullptr when it was erased.
  [[nodiscard]] const T* get(SlabRef ref) const noexcept { return const_cast<Slab*>(this)->get(ref); }

  /// The reference to whatever lives at an index now; empty when nothing does.
  [[nodiscard]] SlabRef ref_at(std::uint32_t index) const noexcept {
    if (index >= fresh_) return {};
    const auto generation = chunks_[index / chunk_elements]->generations[index % chunk_elements];
    return (generation & 1) != 0 ? SlabRef{index, generation} : SlabRef{};
  }

  /// Calls `visit(SlabRef, T&)` for every element in order of index; it may erase the element it is given.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (std::uint32_t index = 0; index < fresh_; ++index)
      if (const SlabRef ref = ref_at(index)) visit(ref, *get(ref));
  }

  /// Erases every element; references to them stay invalid.
  void clear() noexcept {
    for (std::uint32_t index = 0; index < fresh_ && size_ > 0; ++index)
      if (const SlabRef ref = ref_at(index)) erase(ref);
  }

  /// How many elements there are.
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  /// All indices in use lie below this.
  [[nodiscard]] std::uint32_t index_end() const noexcept { return fresh_; }
  /// The most elements it takes.
  [[nodiscard]] std::uint32_t limit() const noexcept { return limit_; }
  /// Bytes of the allocated chunks.
  [[nodiscard]] std::size_t bytes_reserved() const noexcept { return chunks_.size() * sizeof(Chunk); }

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  union Place {
    Place() noexcept {}
    ~Place() {}
    std::uint32_t next_free;
    T element;
  };
  struct Chunk {
    Place places[chunk_elements];
    std::uint32_t generations[chunk_elements];
  };

  [[nodiscard]] Chunk& chunk_of(std::uint32_t index) noexcept { return *chunks_[index / chunk_elements]; }

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::uint32_t first_free_ = none;
  std::uint32_t fresh_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t limit_;
};

}  // namespace uhoh
