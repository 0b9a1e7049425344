/** A row of the event table. The table is kept in several files, one a subject; all make rows with this. */
import type { EventSpec, Role } from './events.ts';
import type { FieldSpec } from './fields.ts';

export const row = (
  tag: number,
  role: Role,
  doc: string,
  fields: readonly FieldSpec[] = [],
  allocates?: true,
): EventSpec => ({ tag, role, since: 1, doc, fields, ...(allocates ? { allocates } : {}) });
