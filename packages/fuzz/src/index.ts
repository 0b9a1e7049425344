/** Random programs against independent checkers: in reading order. */
export type { Campaign, CampaignOptions, Counterexample } from './campaign.ts';
export { PROGRAM_LENGTH, runCampaign, SHRINK_SECONDS } from './campaign.ts';
export type { Checker, CheckerKind, Claims } from './checkers/checker.ts';
export { CHECKERS } from './checkers/list.ts';
export { judge } from './judge.ts';
export { listing } from './listing.ts';
export { MUTANTS } from './mutants/list.ts';
export type { Mutant } from './mutants/mutant.ts';
export { plant } from './mutants/mutant.ts';
export type { Api, Operation, Program } from './program/swarm.ts';
export { APIS, programs } from './program/swarm.ts';
export type { Run } from './run.ts';
export { play } from './run.ts';
export { saveTape } from './save.ts';
export { Violation } from './stream.ts';
