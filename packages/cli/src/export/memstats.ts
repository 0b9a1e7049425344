/** MemStats as `expvar` prints them: the variable alone, and the page of /debug/vars that has it. */
import { readMemStats } from '@heaptape/core';
import { atEvents, type Exporter, type ExportRequest, withEvent } from './source.ts';

/** The JSON of `expvar.Get("memstats")`: one line, fields in Go's order. */
async function memstatsJson(request: ExportRequest): Promise<string> {
  let text = '';
  await withEvent(request, (reader, event) =>
    atEvents(request, reader, [event], (world) => {
      text = JSON.stringify(readMemStats(world));
    }),
  );
  return text;
}

export const exportMemStats: Exporter = async (request, write) => {
  await write(`${await memstatsJson(request)}\n`);
};

/** The command line of the page is that of the export. */
export const exportExpvar: Exporter = async (request, write) => {
  const cmdline = JSON.stringify(['heaptape', 'export', request.file]);
  await write(`{\n"cmdline": ${cmdline},\n"memstats": ${await memstatsJson(request)}\n}\n`);
};
