/**
 * What script adds to the sign-in pages. Every page works without it: the buttons it serves are hidden in the
 * page until it is here, and bring their labels with them, so that no language lives in this file. It sets
 * text and properties only, never HTML (the pages require trusted types).
 */

const all = <E extends HTMLElement>(selector: string): NodeListOf<E> =>
  document.querySelectorAll<E>(selector);

/** A form is sent once; after this time it may be sent again, because the connection may have been lost. */
const holdMs = 10_000;

/** Forms that may not be sent before their waiting time is over. */
const waiting = new Set<HTMLFormElement>();

const release = (form: HTMLFormElement) => {
  delete form.dataset.sent;
};

addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement;
  if ('sent' in form.dataset || waiting.has(form)) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = '';
  setTimeout(release, holdMs, form);
});

// A page that the back button brings back is as it was left: let it be sent again.
addEventListener('pageshow', () => {
  all<HTMLFormElement>('form').forEach(release);
});

/** As the server writes it: rounded up, in the largest unit that still says enough. */
const duration = (seconds: number): string => {
  const [unit, size] = seconds >= 7200 ? ['hour', 3600] : seconds >= 120 ? ['minute', 60] : ['second', 1];
  const format = new Intl.NumberFormat(document.documentElement.lang, {
    style: 'unit',
    unit,
    unitDisplay: 'long',
  });
  return format.format(Math.ceil(seconds / size));
};

/** Tells people that a code is sent on its last digit. */
const announce = (form: HTMLFormElement | null) => {
  const field = form?.querySelector('[data-digits]');
  const hint = form?.querySelector<HTMLElement>('#automatic');
  if (!field || !hint) return;
  hint.hidden = false;
  field.setAttribute('aria-describedby', `${field.getAttribute('aria-describedby') ?? ''} ${hint.id}`.trim());
};

for (const timer of all('[data-seconds]')) {
  const form = timer.closest('form');
  const button = (form ?? timer.parentElement)?.querySelector<HTMLElement>('.primary');
  const endMs = Date.now() + Number(timer.dataset.seconds) * 1000;
  if (form) waiting.add(form);
  if (button) button.ariaDisabled = 'true';
  button?.addEventListener('click', (event) => {
    if (button.ariaDisabled) event.preventDefault();
  });
  const tick = () => {
    const seconds = Math.ceil((endMs - Date.now()) / 1000);
    if (seconds > 0) {
      timer.textContent = timer.dataset.text?.replace('{}', duration(seconds)) ?? '';
      return;
    }
    clearInterval(interval);
    if (form) waiting.delete(form);
    if (button) button.ariaDisabled = null;
    announce(form);
    // A timer is not read out; that it has ended is.
    timer.role = 'status';
    timer.textContent = timer.dataset.done ?? '';
  };
  const interval = setInterval(tick, 1000);
}

// A code is sent on its last digit, whether typed, pasted or filled in, and never the same one twice.
for (const field of all<HTMLInputElement>('[data-digits]')) {
  const { form } = field;
  if (!form) continue;
  let sent = '';
  if (!waiting.has(form)) announce(form);
  field.addEventListener('input', () => {
    const digits = field.value.replace(/[\s-]/g, '');
    if (digits === sent || waiting.has(form)) return;
    if (!/^\d+$/.test(digits) || digits.length !== Number(field.dataset.digits)) return;
    sent = digits;
    form.requestSubmit();
  });
}

for (const button of all<HTMLButtonElement>('[data-reveal]')) {
  const field = document.getElementById(button.dataset.reveal ?? '') as HTMLInputElement;
  const label = button.textContent;
  const reveal = (isShown: boolean) => {
    field.type = isShown ? 'text' : 'password';
    button.textContent = (isShown && button.dataset.other) || label;
  };
  button.hidden = false;
  button.addEventListener('click', () => reveal(field.type === 'password'));
  // Browsers keep what was typed into text fields; a password must not be among it.
  field.form?.addEventListener('submit', () => reveal(false));
}

for (const button of all<HTMLButtonElement>('[data-copy]')) {
  const label = button.textContent;
  // Only pages from a secure origin have a clipboard.
  button.hidden = !navigator.clipboard;
  button.addEventListener('click', async () => {
    const text = button.dataset.copy || document.querySelector<HTMLElement>('.codes')?.innerText;
    await navigator.clipboard.writeText(text ?? '');
    button.textContent = button.dataset.done ?? label;
    setTimeout(() => {
      button.textContent = label;
    }, 2000);
  });
}

for (const button of all<HTMLButtonElement>('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}

// The server does not know where the reader is; the browser does.
for (const time of all<HTMLTimeElement>('time')) {
  const format = { day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' } as const;
  time.textContent = new Intl.DateTimeFormat(time.dataset.locale, format).format(new Date(time.dateTime));
}
