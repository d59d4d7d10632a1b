//! The number of decoding threads, chosen so that the same file gives the same pixels each time.
//!
//! libav decodes several frames at the same time if the decoder can: each thread waits for the rows that its frame refers
//! to. Some decoders wait for too few rows (VP3 and Theora), and none waits for rows that a damaged stream leaves out, so
//! the content of these rows is random. One thread does not have this problem. More threads are used only if they save
//! time, if the decoder is known to wait correctly, and as long as nothing is damaged ([`Pipeline::is_in_doubt`]).
//!
//! [`Pipeline::is_in_doubt`]: crate::decode::Pipeline::is_in_doubt

use ffmpeg_next::codec::Id;

use crate::raw;

/// Smallest picture, in pixels, that several threads decode. For smaller ones, starting threads costs more than it saves.
const MIN_PIXELS_FOR_THREADS: u64 = 1 << 19;

/// The number of threads, at most `requested`; 0 means one per processor. Also whether the decoder must report damage that it
/// would otherwise conceal.
pub(crate) fn of_codec(codec: Id, pixels: u64, requested: usize) -> (usize, bool) {
    match codec {
        // dav1d has its own threads, and returns only complete pictures.
        Id::AV1 => (requested, false),
        Id::H264 | Id::HEVC | Id::VP8 | Id::VP9 | Id::MPEG1VIDEO | Id::MPEG2VIDEO | Id::FFV1
            if pixels >= MIN_PIXELS_FOR_THREADS && requested != 1 =>
        {
            (requested, true)
        }
        _ if pixels >= MIN_PIXELS_FOR_THREADS && requested != 1 && raw::is_intra_only(codec) => {
            (requested, true)
        }
        _ => (1, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a decoder that is not known to wait correctly gets several threads, or a known one gets only one for a large
    // picture.
    #[test]
    fn only_where_they_pay_and_are_right() {
        const HD: u64 = 1920 * 1080;
        for codec in [Id::THEORA, Id::VP3, Id::MPEG4, Id::RV40, Id::H263] {
            assert_eq!(of_codec(codec, HD, 0), (1, false), "{codec:?}");
        }
        for codec in [Id::H264, Id::HEVC, Id::VP9, Id::PRORES] {
            assert_eq!(of_codec(codec, HD, 0), (0, true), "{codec:?}");
            assert_eq!(of_codec(codec, HD, 4), (4, true), "{codec:?}");
            assert_eq!(of_codec(codec, HD, 1), (1, false), "{codec:?}");
            assert_eq!(of_codec(codec, 640 * 360, 0), (1, false), "{codec:?}");
        }
    }
}
