import { render } from 'preact';
import { preferred, useLanguage } from '../i18n';
import { applyTheme } from '../theme';
import { Confirmation } from './confirmation';
import '../style.css';

applyTheme();
void useLanguage(preferred()).then(() => render(<Confirmation />, document.getElementById('app')!));
