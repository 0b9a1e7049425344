/** Notes along the whole tape, in one pass over its events: of the pacer, of finalizers and their like, of names. */
import { type PacerNotes, PacerScan } from '../notes/pacernotes.ts';
import { type RootNotes, RootScan } from '../notes/rootnotes.ts';
import { type SpecialNotes, SpecialScan } from '../notes/specialnotes.ts';
import type { Task } from '../serve.ts';
import type { SessionHolder } from '../session.ts';
import { walkTape } from '../walk.ts';

export interface Notes extends PacerNotes {
  readonly specials: SpecialNotes;
  readonly roots: RootNotes;
}

export const notesJob =
  (holder: SessionHolder) =>
  async (_: null, task: Task): Promise<Notes> => {
    const pacer = new PacerScan();
    const specials = new SpecialScan();
    const roots = new RootScan();
    await walkTape(holder.get().reader, task, (kind, batch, at, seq) => {
      pacer.take(kind, batch.args, at, seq);
      specials.take(kind, batch.args, at, seq);
      roots.take(kind, batch, at, seq);
    });
    return { ...pacer.notes(), specials: specials.notes(), roots: roots.notes() };
  };
