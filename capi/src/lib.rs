//! Two functions for every language that can call C: `ordercharge_call` and `ordercharge_free`. WebAssembly has
//! `ordercharge_room` and `ordercharge_room_free` too: a host writes its arguments into memory that was taken for them.
//!
//! This is the only crate with `unsafe`: what a caller passes cannot be checked, so each function says what it relies on.

use core::ffi::{CStr, c_char};
use std::ffi::CString;

use ordercharge_records::Failure;

/// Calls a function of ordercharge by name: `check`, `check_all`, `fix`, `compare`, `compare_all`, `map`, `explain`,
/// `generate` or `version`.
///
/// `function` and `options` are C strings, `options` a JSON object or NULL. `input` are `input_length` bytes, or NULL if
/// that is 0. The result is a C string: JSON in UTF-8, a failure too. It never contains a NUL, and is NULL only if memory is
/// used up. Free it with `ordercharge_free`. Any number of threads may call at once.
///
/// # Safety
///
/// `function` and `options` are NULL or point to a NUL-terminated string, and `input` to `input_length` bytes. None of them
/// changes during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ordercharge_call(
    function: *const c_char,
    input: *const u8,
    input_length: usize,
    options: *const c_char,
) -> *mut c_char {
    // SAFETY: the caller promises that these are NULL or C strings.
    let (function, options) = unsafe { (text(function), text(options)) };
    let input = if input.is_null() || input_length == 0 {
        &[][..]
    } else {
        // SAFETY: the caller promises `input_length` bytes, which do not change.
        unsafe { core::slice::from_raw_parts(input, input_length) }
    };
    let result = match (function, options) {
        (Some(function), Some(options)) => ordercharge_records::call(function, input, options),
        _ => Err(Failure::new("expected the name of the function and the options in UTF-8")),
    };
    let json = result.unwrap_or_else(|failure| failure.record().into_bytes());
    // JSON has no NUL: in a string it is escaped, and nowhere else may it be.
    CString::new(json).map_or(core::ptr::null_mut(), CString::into_raw)
}

/// Frees a result of `ordercharge_call`. NULL is allowed.
///
/// # Safety
///
/// `result` is NULL or a result of `ordercharge_call` that has not been freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ordercharge_free(result: *mut c_char) {
    if !result.is_null() {
        // SAFETY: the caller promises that it came from `CString::into_raw` and was not freed.
        drop(unsafe { CString::from_raw(result) });
    }
}

/// Allocates `length` bytes, to write an argument to. Give it back with `ordercharge_room_free`.
#[cfg(target_family = "wasm")]
#[unsafe(no_mangle)]
pub extern "C" fn ordercharge_room(length: usize) -> *mut u8 {
    Box::into_raw(vec![0_u8; length].into_boxed_slice()).cast()
}

/// Frees the bytes of an argument.
///
/// # Safety
///
/// `room` came from `ordercharge_room` with the same length, and has not been given back.
#[cfg(target_family = "wasm")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ordercharge_room_free(room: *mut u8, length: usize) {
    // SAFETY: the caller promises that it is a boxed slice of this length.
    drop(unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(room, length)) });
}

/// A C string as text; empty for NULL, and `None` if it is not UTF-8.
///
/// # Safety
///
/// It is NULL or points to a NUL-terminated string that does not change.
unsafe fn text<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return Some("");
    }
    // SAFETY: the caller promises a NUL-terminated string.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}
