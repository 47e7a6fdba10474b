/**
 * The frame around every page: the document, the provider's name, one task, and the languages. Pages are
 * functions of values; whatever a person or a company typed is escaped by the html template.
 */
import { html } from 'hono/html';
import { type Language, languages, messagesFor } from './messages/messages.ts';

/** What a page returns: escaped HTML, ready to send. */
export type Html = ReturnType<typeof html>;

/** What every page needs to know, whatever its task. */
export type PageContext = {
  language: Language;
  providerName: string;
  /** The page's own path, with what its query must keep: the language links lead back to it. */
  path: string;
  /** Where the stylesheet, the script and the icon are served. */
  assets: { css: string; script: string; icon: string };
};

type Frame = {
  title: string;
  /** The page shows an error: its title says so first. */
  hasError?: boolean | undefined;
  /** For pages that put two things side by side. */
  isWide?: boolean | undefined;
  /** For a page that would be lost by leaving it. */
  hasLanguageLinks?: boolean | undefined;
  /** The browser is at an address that is not ours: nothing may lead there or be fetched from there. */
  isElsewhere?: boolean | undefined;
};

/** Puts a page's content, heading included, into its frame. */
export const layout = (page: PageContext, frame: Frame, content: Html): Html => {
  const messages = messagesFor(page.language);
  const title = frame.hasError ? messages.errorTitle(frame.title) : frame.title;
  return html`<!doctype html>
<html lang="${page.language}">
<head>
<meta charset="utf-8">
<title>${title} – ${page.providerName}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
${frame.isElsewhere ? '' : assetLinks(page)}
</head>
<body>
<div class="card${frame.isWide ? ' wide' : ''}">
<header><p class="wordmark">${page.providerName}</p></header>
<main>
${content}
</main>
</div>
${frame.isElsewhere || frame.hasLanguageLinks === false ? '' : languageLinks(page)}
</body>
</html>
`;
};

const assetLinks = ({ assets }: PageContext): Html =>
  html`<link rel="icon" href="${assets.icon}" type="image/svg+xml">
<link rel="stylesheet" href="${assets.css}">
<script type="module" src="${assets.script}"></script>`;

const languageLinks = (page: PageContext): Html =>
  html`<footer><nav aria-label="${messagesFor(page.language).languages}"><ul>${languages.map(
    (language) =>
      html`<li><a href="${inLanguage(page.path, language)}" lang="${language}" hreflang="${language}"${
        language === page.language ? ' aria-current=true' : ''
      }>${messagesFor(language).languageName}</a></li>`,
  )}</ul></nav></footer>`;

const inLanguage = (path: string, language: Language): string =>
  `${path}${path.includes('?') ? '&' : '?'}lang=${language}`;
