// SPDX-License-Identifier: MIT
//! Frames, as they come and go: harness/docs/worker-protocol.md, "Frames".

use std::fs::File;
use std::io::{self, Read, Write};

use crate::speak::end_with;

const HEADER_BYTES: usize = 16;
const LETTERS: [u8; 2] = *b"RF";
const PAYLOAD_BYTES_MAX: usize = 128 << 20;
/// What is read at once.
const READ_BYTES: usize = 1 << 20;
/// What a frame took beyond this is given back.
const KEPT_BYTES: usize = 16 << 20;
/// Answers of more than this do not wait for others.
const HELD_BYTES: usize = 64 << 10;

/// A frame of refold's.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    pub kind: u16,
    pub number: u64,
    pub payload: &'a [u8],
}

/// What refold sends.
pub struct Input {
    file: File,
    bytes: Vec<u8>,
    /// What was read and not yet taken.
    start: usize,
    end: usize,
    number: u64,
}

impl Input {
    pub fn new(file: File) -> Input {
        Input { file, bytes: vec![0; READ_BYTES], start: 0, end: 0, number: 0 }
    }

    /// The next frame; `None` where refold has closed its end. What was answered is handed over
    /// before this waits.
    pub fn next(&mut self, output: &mut Output) -> Option<Frame<'_>> {
        if !self.gather(HEADER_BYTES, output) {
            if self.start != self.end {
                end_with("standard input ended within a frame");
            }
            return None;
        }
        let mut header = Cut::new(&self.bytes[self.start..self.start + HEADER_BYTES]);
        let bytes = header.u32() as usize;
        let kind = header.u16();
        if header.bytes(2) != LETTERS {
            end_with("a frame without its letters");
        }
        let number = header.u64();
        self.number += 1;
        if number != self.number {
            end_with(&format!("frame {number} came where {} was due", self.number));
        }
        if bytes > PAYLOAD_BYTES_MAX {
            end_with(&format!("frame {number} is longer than 128 MiB"));
        }
        if !self.gather(HEADER_BYTES + bytes, output) {
            end_with("standard input ended within a frame");
        }
        let payload = self.start + HEADER_BYTES;
        self.start = payload + bytes;
        Some(Frame { kind, number, payload: &self.bytes[payload..self.start] })
    }

    /// Reads until there are so many bytes from `start` on; false where the input ends before.
    fn gather(&mut self, wanted: usize, output: &mut Output) -> bool {
        if self.end - self.start >= wanted {
            return true;
        }
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if wanted > self.bytes.len() {
            self.bytes.reserve_exact(wanted - self.bytes.len());
            self.bytes.resize(wanted, 0);
        } else if self.bytes.len() > KEPT_BYTES && self.end < READ_BYTES && wanted <= READ_BYTES {
            self.bytes.truncate(READ_BYTES);
            self.bytes.shrink_to_fit();
        }
        output.flush();
        while self.end < wanted {
            match self.file.read(&mut self.bytes[self.end..]) {
                Ok(0) => return false,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => end_with(&format!("standard input cannot be read: {error}")),
            }
        }
        true
    }
}

/// Takes a payload apart; what is too short ends the program.
pub struct Cut<'a>(&'a [u8]);

impl<'a> Cut<'a> {
    pub fn new(bytes: &'a [u8]) -> Cut<'a> {
        Cut(bytes)
    }

    pub fn bytes(&mut self, count: usize) -> &'a [u8] {
        if count > self.0.len() {
            end_with("a frame is shorter than what it holds");
        }
        let (front, rest) = self.0.split_at(count);
        self.0 = rest;
        front
    }

    pub fn text(&mut self, count: usize) -> &'a str {
        std::str::from_utf8(self.bytes(count)).unwrap_or_else(|_| end_with("a text is no UTF-8"))
    }

    pub fn rest(&self) -> usize {
        self.0.len()
    }

    /// To be called where nothing may follow.
    pub fn done(&self) {
        if !self.0.is_empty() {
            end_with("a frame is longer than what it holds");
        }
    }

    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    pub fn i32(&mut self) -> i32 {
        i32::from_le_bytes(self.array())
    }

    pub fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    pub fn i64(&mut self) -> i64 {
        i64::from_le_bytes(self.array())
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N));
        array
    }
}

/// What refold is answered.
pub struct Output {
    file: File,
    bytes: Vec<u8>,
    /// Where the frame that is being written begins.
    frame: usize,
}

impl Output {
    pub fn new(file: File) -> Output {
        Output { file, bytes: Vec::with_capacity(2 * HELD_BYTES), frame: 0 }
    }

    /// Begins an answer; its payload goes behind it, to what is returned.
    pub fn begin(&mut self, kind: u16, number: u64) -> &mut Vec<u8> {
        self.frame = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(&kind.to_le_bytes());
        self.bytes.extend_from_slice(&LETTERS);
        self.bytes.extend_from_slice(&number.to_le_bytes());
        &mut self.bytes
    }

    /// The payload's place in what `begin` returned.
    pub fn payload_start(&self) -> usize {
        self.frame + HEADER_BYTES
    }

    pub fn payload(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    pub fn end(&mut self) {
        let count = self.bytes.len() - self.payload_start();
        self.bytes[self.frame..self.frame + 4].copy_from_slice(&(count as u32).to_le_bytes());
        self.frame = self.bytes.len();
        if self.bytes.len() >= HELD_BYTES {
            self.flush();
        }
    }

    /// Drops an answer that was begun and not ended.
    pub fn drop_unfinished(&mut self) {
        self.bytes.truncate(self.frame);
    }

    /// Hands over the answers that are whole. Where no one reads them any more, the program ends.
    pub fn flush(&mut self) {
        if self.frame > 0 && self.file.write_all(&self.bytes[..self.frame]).is_err() {
            std::process::exit(1);
        }
        self.bytes.drain(..self.frame);
        self.frame = 0;
        if self.bytes.capacity() > 64 * HELD_BYTES {
            self.bytes.shrink_to(2 * HELD_BYTES);
        }
    }
}
