// Takes what names a person, a machine or a place out of texts that leave this computer by their reader's hand. Secrets are the redactor's.

/** Fields of a log line that name a person, a machine or a place. */
const namingField = /^(?:email|user(?:name)?|host(?:name)?|label|address|ip|folder|file|path|url|repository_location|fingerprint)$/i;

const patterns: readonly (readonly [RegExp, string])[] = [
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '[email]'],
  [/\b(?:https?|ssh|sftp|s3|rest):\/{0,2}[^\s"'<>\\]+/gi, '[address]'],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, '[address]'],
  [/(?<![\w:])(?!\d{1,2}:\d\d(?::\d\d)?(?!:))(?:[0-9a-f]{1,4}:){2,7}[0-9a-f]{0,4}(?:::[0-9a-f:]*)?(?![\w:])/gi, '[address]'],
  [/\b(?:[a-z0-9-]+\.)+(?:ai|com|net|org|io|dev|cloud|local|lan|internal)\b(?::\d+)?/gi, '[host]'],
  [/\bSHA256:[A-Za-z0-9+/]{20,}=?/g, '[fingerprint]'],
  [/\b(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-\S+) +[A-Za-z0-9+/=]{20,}/g, '[key]'],
  [/\b[0-9a-f]{40,}\b/gi, '[id]'],
  [/(?:[A-Za-z]:\\Users\\|\/home\/|\/Users\/)[^\s"'/\\]+/g, '~'],
];

/** A text without addresses, names of machines, keys and the user's own name in paths. */
export function withoutNames(text: string): string {
  return patterns.reduce((clean, [pattern, instead]) => clean.replaceAll(pattern, instead), text);
}

/** Times keep their colons: they are not addresses. */
const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text);

function valueWithoutNames(value: unknown): unknown {
  if (typeof value === 'string') return isTime(value) ? value : withoutNames(value);
  if (Array.isArray(value)) return value.map(valueWithoutNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, namingField.test(name) && inner !== null ? '[left out]' : valueWithoutNames(inner)]));
}

/** A line of the log without names; one that is no JSON is cleaned as text. */
export function logLineWithoutNames(line: string): string {
  try {
    return JSON.stringify(valueWithoutNames(JSON.parse(line)));
  } catch {
    return withoutNames(line);
  }
}
