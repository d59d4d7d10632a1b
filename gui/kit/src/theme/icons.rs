//! The icons, by name: code points of Phosphor, the same in its three faces.
//!
//! The fonts hold these icons and no others; `assets/fonts/README.md` says how to add one.

/// An icon's code point.
pub type Icon = char;

/// `arrow-clockwise`.
pub const ARROW_CLOCKWISE: Icon = '\u{E036}';
/// `arrow-left`.
pub const ARROW_LEFT: Icon = '\u{E058}';
/// `arrow-right`.
pub const ARROW_RIGHT: Icon = '\u{E06C}';
/// `arrow-square-out`.
pub const ARROW_SQUARE_OUT: Icon = '\u{E5DE}';
/// `arrows-clockwise`.
pub const ARROWS_CLOCKWISE: Icon = '\u{E094}';
/// `caret-down`.
pub const CARET_DOWN: Icon = '\u{E136}';
/// `caret-left`.
pub const CARET_LEFT: Icon = '\u{E138}';
/// `caret-right`.
pub const CARET_RIGHT: Icon = '\u{E13A}';
/// `caret-up`.
pub const CARET_UP: Icon = '\u{E13C}';
/// `check`.
pub const CHECK: Icon = '\u{E182}';
/// `check-circle`.
pub const CHECK_CIRCLE: Icon = '\u{E184}';
/// `check-square`.
pub const CHECK_SQUARE: Icon = '\u{E186}';
/// `circle`.
pub const CIRCLE: Icon = '\u{E18A}';
/// `circle-notch`.
pub const CIRCLE_NOTCH: Icon = '\u{EB44}';
/// `clipboard-text`.
pub const CLIPBOARD_TEXT: Icon = '\u{E198}';
/// `clock`.
pub const CLOCK: Icon = '\u{E19A}';
/// `cloud`.
pub const CLOUD: Icon = '\u{E1AA}';
/// `cloud-arrow-up`.
pub const CLOUD_ARROW_UP: Icon = '\u{E1AE}';
/// `cloud-slash`.
pub const CLOUD_SLASH: Icon = '\u{E1B6}';
/// `copy`.
pub const COPY: Icon = '\u{E1CA}';
/// `crop`.
pub const CROP: Icon = '\u{E1D4}';
/// `crosshair-simple`.
pub const CROSSHAIR_SIMPLE: Icon = '\u{E1D8}';
/// `desktop`.
pub const DESKTOP: Icon = '\u{E560}';
/// `diamond`.
pub const DIAMOND: Icon = '\u{E1EC}';
/// `dots-three`.
pub const DOTS_THREE: Icon = '\u{E1FE}';
/// `download-simple`.
pub const DOWNLOAD_SIMPLE: Icon = '\u{E20C}';
/// `eye`.
pub const EYE: Icon = '\u{E220}';
/// `file-image`.
pub const FILE_IMAGE: Icon = '\u{EA24}';
/// `file-text`.
pub const FILE_TEXT: Icon = '\u{E23A}';
/// `file-video`.
pub const FILE_VIDEO: Icon = '\u{EA22}';
/// `film-strip`.
pub const FILM_STRIP: Icon = '\u{E792}';
/// `flag-pennant`.
pub const FLAG_PENNANT: Icon = '\u{ECF0}';
/// `folder`.
pub const FOLDER: Icon = '\u{E24A}';
/// `folder-open`.
pub const FOLDER_OPEN: Icon = '\u{E256}';
/// `folder-simple`.
pub const FOLDER_SIMPLE: Icon = '\u{E25A}';
/// `funnel`.
pub const FUNNEL: Icon = '\u{E266}';
/// `gear-six`.
pub const GEAR_SIX: Icon = '\u{E272}';
/// `grid-four`.
pub const GRID_FOUR: Icon = '\u{E296}';
/// `hash`.
pub const HASH: Icon = '\u{E2A2}';
/// `image`.
pub const IMAGE: Icon = '\u{E2CA}';
/// `image-broken`.
pub const IMAGE_BROKEN: Icon = '\u{E7A8}';
/// `image-square`.
pub const IMAGE_SQUARE: Icon = '\u{E2CC}';
/// `images`.
pub const IMAGES: Icon = '\u{E836}';
/// `info`.
pub const INFO: Icon = '\u{E2CE}';
/// `keyboard`.
pub const KEYBOARD: Icon = '\u{E2D8}';
/// `link-break`.
pub const LINK_BREAK: Icon = '\u{E2E4}';
/// `link-simple`.
pub const LINK_SIMPLE: Icon = '\u{E2E6}';
/// `list`.
pub const LIST: Icon = '\u{E2F0}';
/// `lock-simple`.
pub const LOCK_SIMPLE: Icon = '\u{E308}';
/// `lock-simple-open`.
pub const LOCK_SIMPLE_OPEN: Icon = '\u{E30A}';
/// `magic-wand`.
pub const MAGIC_WAND: Icon = '\u{E6B6}';
/// `magnifying-glass`.
pub const MAGNIFYING_GLASS: Icon = '\u{E30C}';
/// `magnifying-glass-plus`.
pub const MAGNIFYING_GLASS_PLUS: Icon = '\u{E310}';
/// `minus`.
pub const MINUS: Icon = '\u{E32A}';
/// `minus-square`.
pub const MINUS_SQUARE: Icon = '\u{ED4C}';
/// `moon`.
pub const MOON: Icon = '\u{E330}';
/// `pause`.
pub const PAUSE: Icon = '\u{E39E}';
/// `pencil-simple`.
pub const PENCIL_SIMPLE: Icon = '\u{E3B4}';
/// `play`.
pub const PLAY: Icon = '\u{E3D0}';
/// `play-circle`.
pub const PLAY_CIRCLE: Icon = '\u{E3D2}';
/// `plugs`.
pub const PLUGS: Icon = '\u{EB56}';
/// `plus`.
pub const PLUS: Icon = '\u{E3D4}';
/// `pulse`.
pub const PULSE: Icon = '\u{E000}';
/// `question`.
pub const QUESTION: Icon = '\u{E3E8}';
/// `radio-button`.
pub const RADIO_BUTTON: Icon = '\u{EB08}';
/// `receipt`.
pub const RECEIPT: Icon = '\u{E3EC}';
/// `shield-check`.
pub const SHIELD_CHECK: Icon = '\u{E40C}';
/// `skip-back`.
pub const SKIP_BACK: Icon = '\u{E5A4}';
/// `skip-forward`.
pub const SKIP_FORWARD: Icon = '\u{E5A6}';
/// `sort-ascending`.
pub const SORT_ASCENDING: Icon = '\u{E444}';
/// `spinner-gap`.
pub const SPINNER_GAP: Icon = '\u{E66C}';
/// `square`.
pub const SQUARE: Icon = '\u{E45E}';
/// `squares-four`.
pub const SQUARES_FOUR: Icon = '\u{E464}';
/// `stack`.
pub const STACK: Icon = '\u{E466}';
/// `stop`.
pub const STOP: Icon = '\u{E46C}';
/// `sun`.
pub const SUN: Icon = '\u{E472}';
/// `swap`.
pub const SWAP: Icon = '\u{E83C}';
/// `trash`.
pub const TRASH: Icon = '\u{E4A6}';
/// `upload-simple`.
pub const UPLOAD_SIMPLE: Icon = '\u{E4C0}';
/// `video`.
pub const VIDEO: Icon = '\u{E740}';
/// `video-camera`.
pub const VIDEO_CAMERA: Icon = '\u{E4DA}';
/// `warning`.
pub const WARNING: Icon = '\u{E4E0}';
/// `warning-circle`.
pub const WARNING_CIRCLE: Icon = '\u{E4E2}';
/// `x`.
pub const X: Icon = '\u{E4F6}';
/// `x-circle`.
pub const X_CIRCLE: Icon = '\u{E4F8}';
