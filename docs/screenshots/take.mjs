// Takes the pictures of docs/dashboard.md from a running suite:
//
//   cd docs/screenshots && npm install && node take.mjs <login link> [client url]
//
// The login link is the one the AppHost prints. With a client url (default http://127.0.0.1:7114/items) a POST goes through the edge first,
// so that there is a trace to show. Needs Debian's chromium (CHROMIUM names another).
import { chromium } from 'playwright-core';

const [login, client = 'http://127.0.0.1:7114/items'] = process.argv.slice(2);
if (!login) {
  console.error('usage: node take.mjs <login link> [client url]');
  process.exit(2);
}

const origin = new URL(login).origin;
const images = new URL('../images/', import.meta.url).pathname;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 800 }, colorScheme: 'light' });
  await page.goto(login);
  await page.getByText('kafka-cache').first().waitFor();
  await settle(page);
  await page.screenshot({ path: images + 'dashboard-resources.png' });

  await page.goto(origin + '/?view=Graph');
  await page.locator('svg .resource-node, svg circle').first().waitFor();
  await settle(page, 4000); // the nodes find their places
  await page.screenshot({ path: images + 'dashboard-graph.png' });

  await trace(page);
} finally {
  await browser.close();
}

async function trace(page) {
  const reply = await fetch(client, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'screenshot' },
    body: JSON.stringify({ greeting: 'Hello' }),
  }).catch(error => ({ status: String(error) }));
  console.log(`POST ${client}: ${reply.status}`);

  // A trace arrives within some seconds; the newest that spans both services is the one.
  await page.goto(origin + '/traces');
  const row = page.locator('tr', { hasText: 'edge-http' }).filter({ hasText: 'kafka-cache' }).last();
  await row.waitFor({ timeout: 20000 }).catch(() => { throw new Error('No trace spans edge-http and kafka-cache.'); });
  await row.getByText('edge-http:').first().click();
  await page.waitForURL('**/traces/detail/**');
  await settle(page);
  await page.screenshot({ path: images + 'dashboard-trace.png' });
}

/** The page is drawn by a server over a socket: there is no event for "nothing more to come". */
async function settle(page, ms = 1500) {
  await page.waitForTimeout(ms);
}
