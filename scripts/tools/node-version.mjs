// Imported first by every script: an old Node ends with one line instead of a stack trace.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Dumont Cloud needs Node 20.19 or newer; this is ${process.versions.node}. Install a current Node and try again.\n`);
  process.exit(1);
}
