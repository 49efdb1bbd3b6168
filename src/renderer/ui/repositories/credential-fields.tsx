// What the server of a repository wants to be shown, by restic's own names.
import { PasswordInput, TextInput } from '@mantine/core';
import { credentialFields, type PlaceKind } from './places';

/** One field for each; none for a folder. */
export function CredentialFields({ kind, credentials, onChange }: Readonly<{ kind: PlaceKind; credentials: Readonly<Record<string, string>>; onChange: (credentials: Readonly<Record<string, string>>) => void }>) {
  return (
    <>
      {credentialFields[kind].map(({ name, secret }) => {
        const Input = secret ? PasswordInput : TextInput;
        return <Input key={name} label={<span className="app-mono">{name}</span>} aria-label={name} autoComplete="off" spellCheck={false} value={credentials[name] ?? ''} onChange={(event) => onChange({ ...credentials, [name]: event.currentTarget.value })} />;
      })}
    </>
  );
}
