// Paths after dumont://app that try to leave the folder of the page: one list for the rule and for the real scheme. SEC-13.

/** None of these is a file of the page: each is a plain 404. */
export const hostilePaths: readonly string[] = [
  '/../secret.json', '/..%2fsecret.json', '/%2e%2e/secret.json', '/%2e%2e%2fsecret.json', '/%252e%252e%252fsecret.json', '/..%5csecret.json', '/%5c..%5csecret.json', '/a/%2e%2e/%2e%2e/%2e%2e/x.js',
  '/C:/windows/x.js', '/x.js%00.html', '/x.js::$DATA', '/%c0%ae%c0%ae/x.js', '//evil/x.js%2f..', '/assets', '/.env', '/main.map', '/x.node', '/%', '/a%2fb%25.js', '/./%2e/%2e%2e/x.js',
  '/..;/x.js', '/%2e%2e;/x.js', '/..%00/x.js', '/....//x.js', '/..%ef%bc%8fx.js', '/%uff0e%uff0e/x.js', '/%c1%9c..%c1%9cx.js', '/%e0%80%ae%e0%80%ae/x.js', '/\\\\server\\share\\x.js', '/%5c%5cserver%5cshare%5cx.js',
  '/%2f%2fserver/x.js', '/file:///etc/x.js', '/CON.js%20', '/x.js.', '/x.js%20', '/.git/config', '/assets/.hidden.js', '/assets/%2e%2e/%2e%2e/main/main.js', '/index.html/../../x.js', '/%25%32%65%25%32%65/x.js',
  // What really lies beside the page, or above it.
  '/package.json', '/..%2f..%2fpackage.json', '/..%5c..%5cpackage.json', '/%2e%2e/main/main.js', '/..%2fmain%2fmain.js', '/main.js.map', '/C:%5cwindows%5cwin.ini', '/index.html%00.png', '/index.html%2f', '/index.html/', '/assets/',
];

/** The page itself: what follows `?` and `#` is no path. */
export const pathsOfThePage: readonly string[] = ['/', '/index.html', '/?/../x', '/#/../x', '/%2e/index.html'];
