// page.mjs URL TEXT: opens the page in Chromium, prints `loaded`, and `shown TEXT` once the page shows TEXT.
import { chromium } from 'playwright-core';

const [url, text] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage();
  await page.goto(url, { waitUntil: 'load' });
  console.log('loaded');
  await page.getByText(text).first().waitFor({ timeout: 30_000 });
  console.log('shown', text);
} finally {
  await browser.close();
}
