import { render } from 'preact';
import { App } from './ui/app';
import { preferred, useLanguage } from './i18n';
import { begin } from './state';
import { applyTheme } from './theme';
import './style.css';

applyTheme();
void Promise.all([useLanguage(preferred()), begin()]).then(() => render(<App />, document.getElementById('app')!));
