// Starts the page: words first, then React. Runs in the window and in a browser alike.
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import './ui/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { query } from './client';
import { startI18n } from './i18n/i18n';
import { usePreferences } from './ui/preferences';
import { queryClient } from './ui/query-client';
import { sayStartNotice } from './ui/start-notices';

const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');
// A chosen theme that is not the system's shall not flash in the other's colours.
const { theme } = usePreferences.getState();
if (theme !== 'system') document.documentElement.style.background = theme === 'dark' ? '#12171d' : '#f7f8f9';
// What the first page shows is asked for beside the words, not after them.
void queryClient.prefetchQuery(query.system.welcome.queryOptions());
await startI18n();
// A file that is dropped beside whatever takes files would else be opened in place of the app.
for (const type of ['dragover', 'drop']) window.addEventListener(type, (event) => event.preventDefault());
createRoot(root).render(<App />);
sayStartNotice();
