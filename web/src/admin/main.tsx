import { render } from 'preact';
import { Console } from './console';
import { applyTheme } from '../theme';
import '../style.css';
import './admin.css';

applyTheme();
render(<Console />, document.getElementById('app')!);
