/** Notes along the whole tape, in one pass over its events: of the pacer, and of finalizers and their like. */
import { type PacerNotes, PacerScan } from '../notes/pacernotes.ts';
import { type SpecialNotes, SpecialScan } from '../notes/specialnotes.ts';
import type { Task } from '../serve.ts';
import type { SessionHolder } from '../session.ts';
import { walkTape } from '../walk.ts';

export interface Notes extends PacerNotes {
  readonly specials: SpecialNotes;
}

export const notesJob =
  (holder: SessionHolder) =>
  async (_: null, task: Task): Promise<Notes> => {
    const pacer = new PacerScan();
    const specials = new SpecialScan();
    await walkTape(holder.get().reader, task, (kind, { args }, at, seq) => {
      pacer.take(kind, args, at, seq);
      specials.take(kind, args, at, seq);
    });
    return { ...pacer.notes(), specials: specials.notes() };
  };
