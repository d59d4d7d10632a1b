//! With how many threads a stream is decoded, so that the same file gives the same pixels each time.
//!
//! libav decodes several frames at once where its decoder can: each thread waits for the rows that it refers to. Some
//! decoders wait for too few (VP3 and Theora), and none waits for what a damaged stream leaves out: what lies in
//! memory there then depends on chance. One thread has no such choice. More are used where they pay and where the
//! decoder is known to wait as it should, and only for as long as nothing is damaged ([`Pipeline::is_in_doubt`]).
//!
//! [`Pipeline::is_in_doubt`]: crate::decode::Pipeline::is_in_doubt

use ffmpeg_next::codec::Id;

use crate::raw;

/// Pixels of a picture from which on several threads decode: below, starting them costs more time and memory than they
/// save.
const MIN_PIXELS_FOR_THREADS: u64 = 1 << 19;

/// How many threads of the number that is asked for, 0 for as many as there are processors; and whether the decoder
/// has to report what it would otherwise conceal.
pub(crate) fn of_codec(codec: Id, pixels: u64, asked: usize) -> (usize, bool) {
    match codec {
        // dav1d's own threads, which give a picture when it is whole.
        Id::AV1 => (asked, false),
        Id::H264 | Id::HEVC | Id::VP8 | Id::VP9 | Id::MPEG1VIDEO | Id::MPEG2VIDEO | Id::FFV1
            if pixels >= MIN_PIXELS_FOR_THREADS && asked != 1 =>
        {
            (asked, true)
        }
        _ if pixels >= MIN_PIXELS_FOR_THREADS && asked != 1 && raw::is_intra_only(codec) => (asked, true),
        _ => (1, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a decoder of whose threads nobody knows that they wait as they should has several, or a large picture of
    // one that is known has but one.
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
