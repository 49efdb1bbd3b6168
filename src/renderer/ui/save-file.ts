// Saves bytes as a file through the browser, or the window, which asks where.

/** `name` is what is suggested. */
export const saveFile = (body: Blob, name: string): void => {
  const url = URL.createObjectURL(body);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
};
