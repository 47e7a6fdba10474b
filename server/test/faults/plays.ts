// What people do while the service breaks under them: a table of plays. Each is told as a person would: open a page,
// type, look at what comes, try again when nothing comes. What was acknowledged goes into the ledger; what a play
// must never see, it says itself.

import { defaultTotpParameters, stepAt, totpCode } from '#factors/totp/totp.ts';
import type { Chance } from '../support/chance.ts';
import { formAt, type Person, questionOn, recoveryCodesOn } from '../support/person.ts';
import type { WebAnswer } from '../support/web-client.ts';
import type { Ledger } from './ledger.ts';
import { type Availability, PatientClient } from './patient-client.ts';

export interface Stage {
  readonly chance: Chance;
  readonly ledger: Ledger;
  readonly service: Availability;
  /** Who is not in a play just now. */
  readonly fresh: Person[];
  readonly enrolled: Person[];
}

interface Play {
  readonly name: string;
  /** How often it is played, among the others. */
  readonly weight: number;
  play(stage: Stage): Promise<void>;
}

/** Everything that is played. A play takes the people it needs out of the stage and puts them back. */
export const plays: readonly Play[] = [
  { name: 'sign in with an app', weight: 6, play: (stage) => withEnrolled(stage, signInWithApp) },
  { name: 'mistype, then sign in', weight: 2, play: (stage) => withEnrolled(stage, mistype) },
  { name: 'set up an app for the first time', weight: 3, play: enroll },
  { name: 'sign in with paper', weight: 2, play: (stage) => withEnrolled(stage, signInWithPaper) },
];

/** The step of the last code that somebody sent, whatever became of it. */
const lastSteps = new WeakMap<Person, number>();

async function withEnrolled(
  stage: Stage,
  play: (stage: Stage, person: Person) => Promise<void>,
): Promise<void> {
  const place = stage.chance.below(stage.enrolled.length);
  const [person] = stage.enrolled.splice(place, 1);
  if (person === undefined) return;
  try {
    await play(stage, person);
  } finally {
    stage.enrolled.push(person);
  }
}

/** A page that asks for a code in a browser that nobody used before; undefined when a wait is in the way. */
async function asked(stage: Stage, person: Person): Promise<WebAnswer | undefined> {
  person.browser = new PatientClient(stage.service);
  const page = await person.givePassword(await person.open());
  if (page.status === 429) return undefined;
  if (questionOn(page) === 'set-up') stage.ledger.broken.push(`${person.username} was asked to set up again`);
  return questionOn(page) === 'code' ? page : undefined;
}

/** A code that was never sent before; undefined until the app shows another. */
function unsentCode(person: Person): string | undefined {
  const step = stepAt(Date.now(), defaultTotpParameters);
  if (person.totpKey === undefined || step <= (lastSteps.get(person) ?? 0)) return undefined;
  lastSteps.set(person, step);
  return totpCode(person.totpKey, step, defaultTotpParameters);
}

async function signInWithApp(stage: Stage, person: Person): Promise<void> {
  const page = await asked(stage, person);
  const code = page && unsentCode(person);
  if (page === undefined || code === undefined) return;
  const answer = await person.giveCode(page, code);
  await judge(stage, person, answer, code);
  // Whether it was answered or not: nobody gets in with it again.
  if (stage.chance.happens(0.5)) await replay(stage, person, code);
}

async function mistype(stage: Stage, person: Person): Promise<void> {
  const page = await asked(stage, person);
  if (page === undefined) return;
  const refused = await person.giveCode(page, person.wrongCode());
  if (isIn(refused)) stage.ledger.broken.push(`${person.username} got in with a wrong code`);
  if (questionOn(refused) !== 'code') return;
  const code = unsentCode(person);
  if (code !== undefined) await judge(stage, person, await person.giveCode(refused, code), code);
}

async function signInWithPaper(stage: Stage, person: Person): Promise<void> {
  const code = person.recoveryCodes.pop();
  const page = code === undefined ? undefined : await atPaper(stage, person);
  if (page === undefined || code === undefined) return;
  await judge(stage, person, await person.giveCode(page, code), code);
  const again = stage.chance.happens(0.3) ? await atPaper(stage, person) : undefined;
  if (again === undefined) return;
  const replayed = await person.giveCode(again, code);
  if (isIn(replayed)) stage.ledger.accepted(person, code);
}

async function atPaper(stage: Stage, person: Person): Promise<WebAnswer | undefined> {
  const page = await asked(stage, person);
  const authenticator = /name="authenticator" value="([^"]+)"/.exec(page?.text ?? '')?.[1];
  if (page === undefined || authenticator === undefined) return undefined;
  const paper = await person.submit(page, '/method', { authenticator });
  return questionOn(paper) === 'recovery-code' ? paper : undefined;
}

async function enroll(stage: Stage): Promise<void> {
  const person = stage.fresh.pop();
  if (person === undefined) return;
  person.browser = new PatientClient(stage.service);
  const page = await person.givePassword(await person.open());
  if (questionOn(page) !== 'set-up') return void stage.fresh.push(person);
  const { totpKey } = person;
  const after = await person.setUpApp(page);
  if (!isProven(after)) {
    person.totpKey = totpKey;
    return;
  }
  lastSteps.set(person, stepAt(Date.now(), defaultTotpParameters));
  stage.ledger.bound(person);
  await goOn(stage, person, after);
  stage.enrolled.push(person);
}

/** Writes down what the answer to a code says. */
async function judge(stage: Stage, person: Person, answer: WebAnswer, code: string): Promise<void> {
  const wasAnswered = !(person.browser as PatientClient).wasInterrupted;
  if (isProven(answer)) {
    stage.ledger.accepted(person, code);
    await goOn(stage, person, answer);
  } else if (wasAnswered && answer.status !== 429) {
    stage.ledger.broken.push(
      `${person.username} was refused with ${answer.status} though the code was right and nothing broke: ${questionOn(answer)}`,
    );
  }
}

/** Does what is left to do after a proof, up to the session. */
async function goOn(stage: Stage, person: Person, answer: WebAnswer): Promise<void> {
  const last = await pastBackup(person, answer);
  if (last === undefined || !isIn(last)) return;
  const told = stage.ledger.enteredAt(person, last.url);
  if (!stage.chance.happens(0.1)) return;
  const signedOut = await person.browser.post(new URL('/sign-out', last.url).href);
  told.isEnded = signedOut.status === 303;
}

/** Whoever is interrupted over and over has used up the sets of codes of an hour, and comes back another time. */
async function pastBackup(person: Person, answer: WebAnswer): Promise<WebAnswer | undefined> {
  if (isIn(answer)) return answer;
  const shown = questionOn(answer) === 'backup' ? await person.submit(answer, '/recovery-codes') : answer;
  if (questionOn(shown) !== 'keep-codes') return undefined;
  person.recoveryCodes = recoveryCodesOn(shown);
  return person.submit(shown, '/backup', { kept: 'yes' });
}

async function replay(stage: Stage, person: Person, code: string): Promise<void> {
  const page = await asked(stage, person);
  if (page === undefined) return;
  const { browser } = person;
  const [first, second] = await Promise.all([
    browser.post(formAt(page, 'code'), { code }),
    browser.post(formAt(page, 'code'), { code }),
  ]);
  for (const answer of [first, second]) {
    const shown = await browser.follow(answer);
    if (isProven(shown)) stage.ledger.accepted(person, code);
  }
}

function isIn(answer: WebAnswer): boolean {
  return questionOn(answer) === 'done';
}

function isProven(answer: WebAnswer): boolean {
  return ['done', 'backup', 'keep-codes', 'continue'].includes(questionOn(answer) ?? '');
}
