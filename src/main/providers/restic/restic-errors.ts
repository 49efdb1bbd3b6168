// From restic's exit code and stderr to the app's errors: codes where the version has them, text patterns for the older ones.
import { AppError } from '../../domain/app-error';
import { safeText } from '../../domain/snapshot-names';
import { decodeLine } from './restic-lines';

/** The most of restic's words that goes into an error, characters. */
const mostOutput = 2000;

/** The readable text of a stderr that may hold JSON lines. */
export const plainStderr = (stderr: string): string =>
  stderr
    .split('\n')
    .map((line) => decodeLine(line))
    .map((line) => {
      if (line.kind === 'text') return line.text;
      if (line.type === 'exit_error') return typeof line.value.message === 'string' ? line.value.message : '';
      const error = line.value.error as { message?: unknown } | undefined;
      return typeof error?.message === 'string' ? error.message : '';
    })
    .filter((text) => text !== '')
    .join('\n');

const bounded = (text: string): string => text.split('\n').map((line) => safeText(line, 400)).join('\n').slice(-mostOutput);

/** The holder of a lock as restic names it: `root@vm (process 17800), since 2026-11-23 14:48:30`. */
const holderOf = (text: string): string => {
  const match = /locked (?:exclusively )?by PID (\d+) on (\S+) by (\S+)/.exec(text);
  const since = /lock was created at ([0-9-]+ [0-9:]+)/.exec(text)?.[1];
  return match === null ? 'unknown' : safeText(`${match[3]}@${match[2]} (process ${match[1]})${since === undefined ? '' : `, since ${since}`}`, 300);
};

/** What restic says when it does not get to a repository: its own words, and those of the servers and programs that it repeats. The first that matches counts. */
const unreachable: readonly { readonly reason: 'no_backend' | 'no_program' | 'denied' | 'not_found' | 'network'; readonly sentence: string; readonly words: RegExp }[] = [
  { reason: 'no_backend', sentence: 'This restic was built without this kind of server.', words: /parsing repository location failed: invalid backend/i },
  { reason: 'no_program', sentence: 'A program that reaches the repository is missing.', words: /exec: "[^"]+": executable file not found|fork\/exec [^\s:]+: no such file/i },
  {
    reason: 'denied',
    sentence: 'The server of the repository does not let us in.',
    words: /Access ?Denied|InvalidAccessKeyId|SignatureDoesNotMatch|signature we calculated does not match|access key id you provided|Authori[sz]ation ?Fail|\b40[13] (?:Unauthorized|Forbidden)|unexpected HTTP response \(40[13]\)|googleapi: Error 40[13]|invalid_grant|Permission denied \(|bad_auth_token|Authentication ?Failed|Server failed to authenticate|no (?:azure authentication information|credentials) found|could not find default credentials|Can't find AuthVersion|Host key verification failed/i,
  },
  { reason: 'not_found', sentence: 'There is no such bucket, container or remote.', words: /NoSuchBucket|bucket name (?:is too|cannot be) short|specified bucket (?:is not valid|does not exist)|InvalidBucketName|bucket (?:doesn't|does not) exist|ContainerNotFound|specified container does not exist|didn't find section in config file/i },
  { reason: 'network', sentence: 'The server of the repository does not answer.', words: /connection refused|no such host|Could not resolve|i\/o timeout|network is unreachable|no route to host|connection timed out|connection reset by peer|unable to start the sftp session|TLS handshake|certificate signed by unknown|x509:/i },
];

/** The error that this end of restic means. `exitCode` null: a signal ended it. */
export const resticFailure = (exitCode: number | null, stderr: string, repository: string): AppError => {
  const text = plainStderr(stderr);
  if (/no space left on device|not enough space on the disk|disk quota exceeded/i.test(text)) {
    return new AppError('disk_full', 'The disk is full. What was complete is kept.', { path: repository });
  }
  const reach = unreachable.find(({ words }) => words.test(text));
  if (reach !== undefined) return new AppError('repository_unreachable', reach.sentence, { reason: reach.reason, detail: bounded(text).slice(-500) });
  if (exitCode === 11 || /repository is already locked/.test(text)) return new AppError('repository_locked', 'The repository is locked by another program.', { holder: holderOf(text) });
  if (exitCode === 12 || /wrong password or no key found/.test(text)) return new AppError('repository_wrong_password', 'The password does not open the repository.', {});
  if (exitCode === 10 || /Is there a repository at the following location\?|repository does not exist/.test(text)) {
    return new AppError('repository_missing', `The repository is not at ${repository}.`, { path: repository });
  }
  const output = bounded(text);
  if (/ciphertext verification failed|wrong hash|Load\(<\w+\/[0-9a-f]+|repository contains errors|not found in (?:the )?(?:repository )?index|invalid data returned|unable to load tree/i.test(text)) {
    return new AppError('repository_damaged', 'The repository is damaged.', { output });
  }
  return new AppError('restic_failed', 'restic failed.', { exit_code: exitCode, output });
};
