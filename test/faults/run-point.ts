// Runs one point from a fresh copy of its start to the last check.
import { setTimeout as delay } from 'node:timers/promises';
import { killTree } from '../support/processes';
import { ask, watchEnd, type Asked, type Ended } from './jobs';
import type { Point } from './points';
import { prepareStrike } from './strike';
import { checkAgain, checkEnd, checkKeys, checkListed, checkNextRun, checkProofs, checkRepository, checkRestored, checkSecrets, checkSeveral, checkStrays, type Note } from './verify';
import type { Running, World } from './world';

/** How a point went. */
export interface Outcome {
  readonly point: Point;
  readonly passed: boolean;
  readonly problems: readonly string[];
  /** How the job ended that the fault struck. */
  readonly end: string;
  readonly ms: number;
}

/** An operation of a killed app is ended or taken up so soon after the next sign-in, milliseconds. */
const takenUpWithin = 10_000;

/** The program ended between its moment and the kill. */
const tooLate = 'what was to be killed had ended already';

const describe = (ended: Ended | null, answer: Awaited<Asked['answer']>): string => {
  if (ended !== null) return ended.error === null ? ended.state : `${ended.state}: ${ended.error.code}`;
  return answer === null ? 'no answer' : `answer ${answer.status}`;
};

/** How an app ended that should live, with its last words. */
const whatBecameOf = async ({ app: { program } }: Running): Promise<string> => {
  const how = await Promise.race([program.ended, delay(2_000, null)]);
  return `${how === null ? 'it lives' : `it ended with code ${String(how.code)}, signal ${String(how.signal)}`}; ${program.stderr().slice(-500)}`;
};

/** The job, the fault, and the end of the job in an app that may be another one by then. */
const strikeOnce = async (world: World, running: Running, point: Point, note: Note): Promise<{ readonly running: Running; readonly ended: Ended | null; readonly end: string }> => {
  const strike = prepareStrike(world, running, point);
  let now = running;
  try {
    const asked = await ask(world, running, point.phase.job);
    const over = asked.operationId === null ? asked.answer.then(() => ({ over: true, last: null })) : watchEnd(running, asked.operationId);
    // Struck first or ended first: an end without a strike means that the phase or its moment never came.
    const struck = await Promise.race([strike.struck, over.then(() => delay(300, null))]);
    if (struck === null) note('the moment never came');
    else if (!struck) note(tooLate);
    let { over: isOver, last } = await over;
    strike.undo();
    const answer = await Promise.race([asked.answer, delay(15_000, null)]);
    if (point.fault === 'app') {
      // Its children are left to themselves. Where the moment never came it still lives, which is noted already.
      if (struck === true) await running.app.program.ended;
      else await killTree(running.app.program);
      now = await world.run(point.phase.small);
      if (asked.operationId !== null) ({ over: isOver, last } = await watchEnd(now, asked.operationId, takenUpWithin));
    }
    if (!isOver) note(last === null ? `the app does not answer: ${await whatBecameOf(now)}` : `it hangs: ${last.state} ${JSON.stringify(last.progress ?? null)}`);
    if (last !== null) checkEnd(last, note);
    if (last?.error?.code === 'internal') note(`the app's log: ${world.loggedFailure()}`);
    return { running: now, ended: last, end: describe(last, answer) };
  } finally {
    strike.undo();
  }
};

/** Everything that must hold afterwards. */
const verify = async (world: World, running: Running, point: Point, ended: Ended | null, tree: readonly string[], note: Note): Promise<void> => {
  const { job } = point.phase;
  await checkStrays(world, running.app.program.pid, note);
  if (job === 'restore-folder' || job === 'restore-host') await checkRestored(world, running, job, ended, note);
  if (job === 'rehearse') await checkProofs(running, note);
  if (job === 'prune' || job === 'check' || job === 'repair') await checkAgain(world, running, job, note);
  if (job === 'retention' || job === 'prune' || job === 'check' || job === 'repair') await checkSeveral(world, running, job, note);
  if (job === 'password') await checkKeys(world, running, note);
  await checkListed(world, running, tree, job === 'delete', note);
  await checkNextRun(world, running, point, note);
  await checkRepository(world, running, note);
  checkSecrets(world, [world.repositoryPassword, world.nextPassword], note);
};

/** Runs it; one whose program was quicker than the kill runs again, killed when it has done everything but end. Problems are told, never thrown. */
export const runPoint = async (world: World, point: Point): Promise<Outcome> => {
  const outcome = await runOnce(world, point);
  return outcome.problems.includes(tooLate) ? { ...(await runOnce(world, { ...point, moment: { at: 'after' } })), point } : outcome;
};

const runOnce = async (world: World, point: Point): Promise<Outcome> => {
  const began = Date.now();
  const problems: string[] = [];
  const note: Note = (problem) => void problems.push(problem);
  let end = 'not started';
  let running: Running | undefined;
  if (point.fault === 'disk' && world.cannotFill !== null) note(world.cannotFill);
  else {
    try {
      await world.makeStart(point.phase.start);
      world.reset(point.phase.start);
      world.sign(`${point.id}, before`);
      const tree = world.hostTree();
      running = await world.run(point.phase.small);
      const done = await strikeOnce(world, running, point, note);
      ({ running, end } = done);
      await verify(world, running, point, done.ended, tree, note);
      await running.app.stop();
    } catch (error) {
      note(error instanceof Error ? error.message : String(error));
      if (running !== undefined) await killTree(running.app.program);
    }
  }
  return { point, passed: problems.length === 0, problems, end, ms: Date.now() - began };
};
