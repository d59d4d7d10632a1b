//! What a container says in words. `ffmpeg-next` takes it for UTF-8, and it may be any bytes.

use std::ffi::CStr;

use ffmpeg_next::ffi;
use ffmpeg_next::format::context::Input;

use super::stream;

/// What is spoken of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Of {
    File,
    Stream(usize),
    Chapter(usize),
}

/// The entry with this name, in upper or lower case; bytes that are no UTF-8 are U+FFFD. `None` where it is missing or blank.
pub(crate) fn text(input: &Input, of: Of, name: &CStr) -> Option<String> {
    // SAFETY: the context is alive, and so are its streams and its chapters, of which there are `nb_chapters`. The dictionary may be
    // null; an entry's value is a string that lives as long as the context, and is copied.
    let text = unsafe {
        let context = input.as_ptr();
        let dictionary = match of {
            Of::File => (*context).metadata,
            Of::Stream(index) => (*stream(input, index)).metadata,
            Of::Chapter(index) => {
                if index >= (*context).nb_chapters as usize {
                    return None;
                }
                (**(*context).chapters.add(index)).metadata
            }
        };
        let entry = ffi::av_dict_get(dictionary, name.as_ptr(), std::ptr::null(), 0).as_ref()?;
        CStr::from_ptr(entry.value).to_string_lossy().into_owned()
    };
    Some(text).filter(|text| !text.trim().is_empty())
}
