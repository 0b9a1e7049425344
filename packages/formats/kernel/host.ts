/** What the kernel asks of the TypeScript around it; seldom. */

/** The site of an allocation: its number × 2, and 1 more where that may be remembered. */
export declare function findSite(typeId: f64, shape: i32): i32;

/** A row whose free has not come is set aside: by slot, with its slot's bytes. */
export declare function setAside(slot: f64, row: u32, bytes: f64): void;

/** Takes back the row that was set aside for a slot, plus 1; 0 if there is none. */
export declare function takeBack(slot: f64): u32;

/** Bytes of the slot of the row that was taken back last. */
export declare function bytesOfTaken(): f64;

/** Table of pages of an arena that is not among the first; 0 if there is none and it is not to be made. */
export declare function farArena(index: f64, make: i32): u32;

/** Throws: the integer that is read at an address has more than 64 bits. */
export declare function tooLong(at: u32): void;

/** Throws: no memory is left. */
export declare function full(): void;
