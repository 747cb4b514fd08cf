"""Runs bare.cpp's program in bochscpu, a processor emulator that executes AVX512-IFMA as the manual defines it.

    bare.py <program> <key> <values of the witness>

Prints what the kernels disagree about and exits with 1, or says that they agree.
"""
import ctypes
import os
import struct
import sys
import time

import bochscpu
import bochscpu.cpu
import bochscpu.memory

PAGE = 4096
STACK_TOP, INPUT, TABLES = 0x2000_0000, 0x3000_0000, 0x3F00_0000
USER_PAGE, LARGE = 7, 0x80

program, key, witness = (open(path, "rb").read() for path in sys.argv[1:4])
host = {}


def reserve(address, size):
    for page in range(address // PAGE * PAGE, address + size, PAGE):
        if page in host:
            continue
        host[page] = bochscpu.memory.allocate_host_page()
        bochscpu.memory.page_insert(page, host[page])


def write(address, data):
    reserve(address, max(len(data), 1))
    at = 0
    while at < len(data):
        page, offset = (address + at) // PAGE * PAGE, (address + at) % PAGE
        size = min(PAGE - offset, len(data) - at)
        ctypes.memmove(host[page] + offset, data[at : at + size], size)
        at += size


def text(address):
    out = b""
    while not out.endswith(b"\0"):
        page, offset = (address + len(out)) // PAGE * PAGE, (address + len(out)) % PAGE
        out += ctypes.string_at(host[page] + offset, 1)
    return out[:-1].decode()


entry, segments = struct.unpack_from("<QQ", program, 24)
count = struct.unpack_from("<H", program, 56)[0]
for i in range(count):
    kind, _, offset, address, _, stored, size, _ = struct.unpack_from("<IIQQQQQQ", program, segments + 56 * i)
    if kind != 1:
        continue
    reserve(address, size)
    write(address, program[offset : offset + stored])
reserve(STACK_TOP - (64 << 20), 64 << 20)
write(INPUT, key)
after = INPUT + (len(key) + PAGE) // PAGE * PAGE
write(after, witness)
# Every address of the first gigabyte is its own physical address, in large pages.
write(TABLES, struct.pack("<Q", TABLES + PAGE | USER_PAGE).ljust(PAGE, b"\0"))
write(TABLES + PAGE, struct.pack("<Q", TABLES + 2 * PAGE | USER_PAGE).ljust(PAGE, b"\0"))
write(TABLES + 2 * PAGE, struct.pack("<512Q", *(i << 21 | USER_PAGE | LARGE for i in range(512))))


def code_segment():
    segment = bochscpu.Segment()
    segment.present, segment.selector, segment.base, segment.limit, segment.attr = True, 0x10, 0, 0xFFFFFFFF, 0x209B
    return segment


def data_segment():
    segment = bochscpu.Segment()
    segment.present, segment.selector, segment.base, segment.limit, segment.attr = True, 0x18, 0, 0xFFFFFFFF, 0xC93
    return segment


state = bochscpu.State()
state.cr0 = 0x80050033  # PE, MP, ET, NE, WP, AM, PG
state.cr3 = TABLES
state.cr4 = 0x000406E0  # PAE, MCE, PGE, OSFXSR, OSXMMEXCPT, OSXSAVE
state.efer = 0xD01  # LME, LMA, NXE, SCE
state.xcr0 = 0xE7  # x87, SSE, AVX, AVX512
state.mxcsr, state.mxcsr_mask, state.fpcw = 0x1F80, 0xFFBF, 0x27F
state.rflags = 2
state.cs = code_segment()
state.ss = state.ds = state.es = state.fs = state.gs = data_segment()
state.rip, state.rsp = entry, STACK_TOP - 64
state.rdi, state.rsi, state.rdx, state.rcx = INPUT, len(key), after, len(witness)

session = bochscpu.Session()
session.cpu.state = state


def missing(address):
    print(f"no memory at {address:#x}, at instruction {session.cpu.rip:#x}", flush=True)
    session.stop()


ended = []


def halted(current, *_):
    ended.append("hlt")
    current.stop()


def interrupted(current, _cpu, vector, *_):
    ended.append(f"exception {vector} at {current.cpu.rip:#x}, cr2 {current.cpu.cr2:#x}")
    current.stop()


session.missing_page_handler = missing
hook = bochscpu.Hook()
hook.hlt = halted
hook.exception = interrupted
start = time.monotonic()
session.run([hook])
seconds = time.monotonic() - start
if ended != ["hlt"]:
    print(f"the program did not end: {ended}")
elif session.cpu.rax != 0:
    print(f"with the instructions themselves, the kernels disagree about {text(session.cpu.rax)}")
else:
    print(f"with the instructions themselves, the kernels agree ({seconds:.0f} s in the emulator)")
# The emulator's own end of the process is not clean.
sys.stdout.flush()
os._exit(0 if ended == ["hlt"] and session.cpu.rax == 0 else 1)
