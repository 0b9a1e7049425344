/** What several verbs have in common: options, and the settings of Go among them. */
import { type Command, Option } from 'commander';

export interface CommonOptions {
  readonly json?: boolean;
  readonly progress?: boolean;
}

/** Adds `--json`. */
export const withJson = (command: Command): Command =>
  command.option('--json', 'print one JSON object on stdout and nothing else');

/** Adds `--progress` and `--no-progress`. */
export function withProgress(command: Command): Command {
  return command
    .addOption(new Option('--progress', 'report progress on stderr even where it is no terminal'))
    .addOption(new Option('--no-progress', 'report no progress'));
}

/** Adds the example that every verb's help ends with. */
export const withExample = (command: Command, example: string): Command =>
  command.addHelpText('after', `\nExample:\n  ${example}`);

export const ENVIRONMENT_HELP = `
A setting comes from its flag, else from GOGC, GOMEMLIMIT or GOMAXPROCS in the environment, read as
Go reads them, else from the recording. Sizes are written as for GOMEMLIMIT: 512MiB, 2GiB, off.`;
