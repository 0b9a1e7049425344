/**
 * Who allocated: call stacks of allocation sites, which a tape keeps as a document where its source knew
 * them (a heap dump does of what the memory profile sampled).
 *
 * Frames are listed once and named by index. The document comes from a file, so what has not its shape
 * is left out.
 */
import type { TapeReader } from '@heaptape/schema';

/** Name of the document. */
export const SITE_STACKS = 'site-stacks';

export interface SiteFrame {
  readonly func: string;
  readonly file: string;
  readonly line: number;
}

export interface SiteStack {
  /** Number of the site on the tape, from 1. */
  readonly site: number;
  /** Indices of frames, leaf first. */
  readonly frames: readonly number[];
  /** Type of its objects; empty where unknown, and then the site's name is the caller. */
  readonly type: string;
}

/** The document. */
export interface SiteStacks {
  readonly frames: readonly SiteFrame[];
  readonly stacks: readonly SiteStack[];
}

const isIndex = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

function isFrame(value: unknown): value is SiteFrame {
  const { func, file, line } = (value ?? {}) as Partial<Record<keyof SiteFrame, unknown>>;
  return typeof func === 'string' && typeof file === 'string' && isIndex(line);
}

function isStack(value: unknown, frames: number): value is SiteStack {
  const { site, frames: stack, type } = (value ?? {}) as Partial<Record<keyof SiteStack, unknown>>;
  if (!isIndex(site) || typeof type !== 'string' || !Array.isArray(stack)) return false;
  return stack.length > 0 && stack.every((frame) => isIndex(frame) && frame < frames);
}

/** The stacks that a tape has. */
export function siteStacksOf(reader: TapeReader): SiteStacks {
  const stored = (reader.document(SITE_STACKS) ?? {}) as Partial<Record<keyof SiteStacks, unknown>>;
  const { frames, stacks } = stored;
  if (!Array.isArray(frames) || !Array.isArray(stacks) || !frames.every(isFrame)) {
    return { frames: [], stacks: [] };
  }
  return { frames, stacks: stacks.filter((stack) => isStack(stack, frames.length)) };
}
