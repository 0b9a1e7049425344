/**
 * The yardstick for `simulate` and `memory-per-object`: the heap that one would write without a thought for
 * speed, and then write well. A `Map` of objects by number, each with its pointers as references to other objects;
 * a collection marks from the roots with an explicit stack and deletes what it did not reach.
 *
 * It collects when it has allocated as much as the last collection left (GOGC=100), from 4 MiB on,
 * which gives about as many collections as the simulator runs on the same stream.
 */

const FIRST_GOAL = 4 * 1024 * 1024;

class PlainObject {
  constructor(id, bytes, words) {
    this.id = id;
    this.bytes = bytes;
    this.epoch = 0;
    this.pointers = words === 0 ? null : new Array(words).fill(null);
  }
}

export class PlainHeap {
  objects = new Map();
  roots = [];
  collections = 0;
  #next = 1;
  #live = 0;
  #goal = FIRST_GOAL;
  #epoch = 0;

  constructor(roots) {
    this.roots = new Array(roots).fill(null);
  }

  allocate(bytes, words) {
    if (this.#live + bytes > this.#goal) this.collect();
    const object = new PlainObject(this.#next, bytes, words);
    this.#next += 1;
    this.#live += bytes;
    this.objects.set(object.id, object);
    return object.id;
  }

  store(source, word, target) {
    this.objects.get(source).pointers[word] = this.objects.get(target);
  }

  root(index, target) {
    this.roots[index] = this.objects.get(target);
  }

  collect() {
    this.collections += 1;
    this.#epoch += 1;
    this.#mark();
    this.#sweep();
    this.#goal = Math.max(FIRST_GOAL, this.#live * 2);
  }

  #mark() {
    const epoch = this.#epoch;
    const stack = [];
    for (const object of this.roots) {
      if (object === null || object.epoch === epoch) continue;
      object.epoch = epoch;
      stack.push(object);
    }
    // The newest object is in the program's registers.
    const newest = this.objects.get(this.#next - 1);
    if (newest !== undefined && newest.epoch !== epoch) {
      newest.epoch = epoch;
      stack.push(newest);
    }
    while (stack.length > 0) {
      const { pointers } = stack.pop();
      if (pointers === null) continue;
      for (let i = 0; i < pointers.length; i += 1) {
        const object = pointers[i];
        if (object === null || object.epoch === epoch) continue;
        object.epoch = epoch;
        stack.push(object);
      }
    }
  }

  #sweep() {
    let live = 0;
    for (const object of this.objects.values()) {
      if (object.epoch === this.#epoch) live += object.bytes;
      else this.objects.delete(object.id);
    }
    this.#live = live;
  }
}
