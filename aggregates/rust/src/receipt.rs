// SPDX-License-Identifier: MIT
//! CRC-32C (Castagnoli), with which both sides tell that the same records were applied.

/// Goes on from `crc`, the sum of what came before (at first 0).
pub fn add(crc: u32, bytes: &[u8]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("sse4.2") {
        // SAFETY: the processor has the instruction.
        return !unsafe { by_instruction(!crc, bytes) };
    }
    !by_tables(!crc, bytes)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse4.2")]
unsafe fn by_instruction(crc: u32, bytes: &[u8]) -> u32 {
    use std::arch::x86_64::{_mm_crc32_u64, _mm_crc32_u8};
    let mut words = bytes.chunks_exact(8);
    let mut sum = u64::from(crc);
    for word in &mut words {
        sum = _mm_crc32_u64(sum, word_of(word));
    }
    let mut sum = sum as u32;
    for byte in words.remainder() {
        sum = _mm_crc32_u8(sum, *byte);
    }
    sum
}

fn word_of(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

/// `TABLES[n][byte]`: what a byte does to the sum when `n` more bytes follow it.
static TABLES: [[u32; 256]; 8] = make_tables();

const fn make_tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = sum >> 1 ^ (if sum & 1 == 1 { 0x82F6_3B78 } else { 0 });
            bit += 1;
        }
        tables[0][byte] = sum;
        byte += 1;
    }
    let mut after = 1;
    while after < 8 {
        let mut byte = 0;
        while byte < 256 {
            let sum = tables[after - 1][byte];
            tables[after][byte] = sum >> 8 ^ tables[0][(sum & 255) as usize];
            byte += 1;
        }
        after += 1;
    }
    tables
}

fn by_tables(mut crc: u32, bytes: &[u8]) -> u32 {
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let word = word_of(word) ^ u64::from(crc);
        crc = 0;
        for (at, byte) in word.to_le_bytes().iter().enumerate() {
            crc ^= TABLES[7 - at][usize::from(*byte)];
        }
    }
    for byte in words.remainder() {
        crc = crc >> 8 ^ TABLES[0][(crc as u8 ^ byte) as usize];
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 3720, B.4.
    #[test]
    fn is_that_of_iscsi() {
        let up: Vec<u8> = (0..32).collect();
        let down: Vec<u8> = (0..32).rev().collect();
        assert_eq!(add(0, &[0; 32]), 0x8A91_36AA);
        assert_eq!(add(0, &[0xFF; 32]), 0x62A8_AB43);
        assert_eq!(add(0, &up), 0x46DD_794E);
        assert_eq!(add(0, &down), 0x113F_DB5C);
        assert_eq!(add(0, b"123456789"), 0xE306_9283);
        assert_eq!(add(0, b""), 0);
    }

    #[test]
    fn is_the_same_by_tables_and_in_pieces() {
        let bytes: Vec<u8> = (0..1000u32).map(|n| ((n * n) >> 3) as u8).collect();
        for cut in 0..40 {
            let (front, back) = bytes.split_at(cut);
            assert_eq!(add(add(0, front), back), add(0, &bytes));
            assert_eq!(!by_tables(!0, &bytes[cut..]), add(0, &bytes[cut..]));
        }
    }
}
