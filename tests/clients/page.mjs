// page.mjs URL TEXT [PICTURE]: opens the page in Chromium, prints `loaded`, and `shown TEXT` once the page shows TEXT; then takes a picture of all of
// it. Prints `error …` for what the browser complains of.
import { chromium } from 'playwright-core';

const [url, text, picture] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1500, height: 900 } });
  page.on('console', message => message.type() === 'error' && console.log('error', message.text()));
  await page.goto(url, { waitUntil: 'load' });
  console.log('loaded');
  await page.getByText(text).first().waitFor({ timeout: 30_000 });
  console.log('shown', text);
  if (picture) await page.screenshot({ path: picture, fullPage: true });
} finally {
  await browser.close();
}
