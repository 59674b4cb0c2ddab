"""The system calls that a confined child may make, with their numbers.

A token is ``name=x86_64/aarch64``, a dash where the architecture has no such call. The numbers are those of Linux's ``unistd.h``; they never change.
"""

from __future__ import annotations

_FREELY = {
    "files": """read=0/63 write=1/64 readv=19/65 writev=20/66 pread64=17/67 pwrite64=18/68 preadv=295/69 pwritev=296/70 preadv2=327/286
        pwritev2=328/287 open=2/- openat=257/56 openat2=437/437 creat=85/- close=3/57 close_range=436/436 lseek=8/62 fsync=74/82 fdatasync=75/83
        sync_file_range=277/84 ftruncate=77/46 fallocate=285/47 fadvise64=221/223 readahead=187/213 copy_file_range=326/285 sendfile=40/71
        flock=73/32 dup=32/23 dup2=33/- dup3=292/24 pipe=22/- pipe2=293/59""",
    "folders and names": """stat=4/- fstat=5/80 lstat=6/- newfstatat=262/79 statx=332/291 statfs=137/43 fstatfs=138/44 access=21/- faccessat=269/48
        faccessat2=439/439 readlink=89/- readlinkat=267/78 getdents=78/- getdents64=217/61 getcwd=79/17 mkdir=83/- mkdirat=258/34 rmdir=84/-
        unlink=87/- unlinkat=263/35 rename=82/- renameat=264/38 renameat2=316/276 umask=95/166""",
    "memory": "mmap=9/222 munmap=11/215 mremap=25/216 mprotect=10/226 madvise=28/233 msync=26/227 mincore=27/232 brk=12/214 membarrier=324/283",
    "threads": """futex=202/98 futex_waitv=449/449 set_robust_list=273/99 get_robust_list=274/100 set_tid_address=218/96 rseq=334/293 gettid=186/178
        sched_yield=24/124 sched_getaffinity=204/123 sched_getparam=143/121 sched_getscheduler=145/120 sched_get_priority_max=146/125
        sched_get_priority_min=147/126 getcpu=309/168 getpriority=140/141 arch_prctl=158/-""",
    "signals": """rt_sigaction=13/134 rt_sigprocmask=14/135 rt_sigreturn=15/139 rt_sigpending=127/136 rt_sigtimedwait=128/137 rt_sigsuspend=130/133
        sigaltstack=131/132 restart_syscall=219/128 pause=34/-""",
    "waiting": """poll=7/- ppoll=271/73 select=23/- pselect6=270/72 epoll_create=213/- epoll_create1=291/20 epoll_ctl=233/21 epoll_wait=232/-
        epoll_pwait=281/22 epoll_pwait2=441/441 eventfd=284/- eventfd2=290/19""",
    "the socket to the supervisor": "sendto=44/206 recvfrom=45/207 sendmsg=46/211 recvmsg=47/212 shutdown=48/210 getsockopt=55/209 setsockopt=54/208",
    "clocks": """time=201/- gettimeofday=96/169 clock_gettime=228/113 clock_getres=229/114 clock_nanosleep=230/115 nanosleep=35/101 times=100/153""",
    "itself": """getpid=39/172 getppid=110/173 getpgid=121/155 getpgrp=111/- getsid=124/156 getuid=102/174 geteuid=107/175 getgid=104/176
        getegid=108/177 getresuid=118/148 getresgid=120/150 getgroups=115/158 getrlimit=97/163 getrusage=98/165 sysinfo=99/179 uname=63/160
        getrandom=318/278 exit=60/93 exit_group=231/94""",
}
_BY_ARGUMENT = "clone=56/220 clone3=435/435 fcntl=72/25 ioctl=16/29 kill=62/129 tgkill=234/131 prctl=157/167 prlimit64=302/261"

ARCHITECTURES = ("x86_64", "aarch64")


def _numbers(table: str, architecture: str) -> dict[str, int]:
    column = ARCHITECTURES.index(architecture)
    pairs = (token.split("=") for token in table.split())
    numbers = ((name, both.split("/")[column]) for name, both in pairs)
    return {name: int(number) for name, number in numbers if number != "-"}


def freely(architecture: str) -> dict[str, int]:
    """Calls allowed with any argument: name → number."""
    return _numbers(" ".join(_FREELY.values()), architecture)


def by_argument(architecture: str) -> dict[str, int]:
    """Calls whose argument decides: name → number."""
    return _numbers(_BY_ARGUMENT, architecture)
