/** Random programs and a model of their events, for the tests of packages above this one. */
export { EventModel } from './decide/projectmodel.testkit.ts';
export { configs, ModelProgram, type Operation, programs } from './program.testkit.ts';
export { SpecialProgram, specialPrograms } from './specials.testkit.ts';
