// The same line in Firefox, which reads the content security policy in its own way: a form that is answered with
// redirects to another origin has to get there, and a code has to send itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDemo } from '#test/support/demo-process.ts';
import { launchFirefox } from '#test/support/firefox.ts';
import { AuthenticatorApp } from '#test/support/oathtool.ts';
import { findProgram } from '#test/support/programs.ts';

const program = findProgram('firefox-esr') ?? findProgram('firefox');
const skip = program === undefined && 'Firefox is not installed (Debian: firefox-esr)';

test('in Firefox one sets up an app, gets in, signs out and gets in again', { skip }, async () => {
  const username = 'employee@demo.test';
  const demo = await startDemo();
  try {
    const firefox = await launchFirefox(program ?? '');
    try {
      const press = (ending: string) =>
        firefox.toPage(`document.querySelector('form[action$="${ending}"] button:not([type])').click()`);
      const fill = (id: string, value: string) => `document.getElementById('${id}').value = '${value}'`;
      const givePassword = async () => {
        await firefox.evaluate(`${fill('username', username)}; ${fill('password', demo.password)}`);
        await press('/password');
      };
      const typeCode = (code: string) =>
        firefox.toPage(
          `${fill('code', code)}; document.getElementById('code').dispatchEvent(new Event('input'))`,
        );
      const isInPanel = async () => {
        assert.equal(await firefox.evaluate('location.href'), `${demo.panelUrl}/`);
        assert.equal(await firefox.evaluate(`document.getElementById('who').textContent`), username);
      };

      await firefox.goto(demo.panelUrl);
      await press('/sign-in');
      await givePassword();
      const key = await firefox.evaluate(`document.querySelector('.key').textContent`);
      const app = new AuthenticatorApp(String(key));
      await typeCode(await app.code());
      await press('/recovery-codes');
      await firefox.evaluate(`document.querySelector('[name=kept]').checked = true`);
      await press('/backup');
      await isInPanel();

      await press('/sign-out');
      await press('/confirm');
      assert.equal(await firefox.evaluate('location.href'), `${demo.panelUrl}/`);
      await press('/sign-in');
      await givePassword();
      await typeCode(await app.code());
      await isInPanel();
    } finally {
      await firefox.close();
    }
  } finally {
    await demo.stop();
  }
});
