"""A folder as a machine sees it over a network: a file system by FUSE with the rules of NFS.

    network_disk.py FOLDER SEEN_AT SETTINGS

SETTINGS is a JSON file, read again when it changes:
    ahead     seconds by which the server's clock is ahead of this machine's
    coarse    whether times are whole seconds
    stale     the part of open handles of replaced or removed files, and of looks at what has just been replaced, that
              fails with ESTALE
    quota     bytes that all writes together may have from now on; more is refused when a file is flushed
    turn      another number makes other settings of what else is the same
    late      seconds for which what was looked at is not looked at again: a file, a folder, and that a name is free. Whoever
              opens a file is told of it as it is now; whoever opens a folder also of each name in it, where it has changed.
              What this machine changes itself it knows at once.
An open file that is removed gets a name `.nfs…` until it is closed.
"""
import errno
import json
import os
import random
import stat
import sys
import threading
import time

import fusepy as fuse

SECOND = 1_000_000_000


class Looks:
    """What a machine has seen of paths, and believes until it asks the server again."""

    def __init__(self):
        self.seen, self.versions = {}, {}

    def learn(self, path):
        try:
            found = os.lstat(path)
        except FileNotFoundError:
            found = None
        if found and stat.S_ISDIR(found.st_mode):
            self.versions[path] = found.st_mtime_ns
        self.seen[path] = time.monotonic(), self.versions.get(os.path.dirname(path)), found
        return found

    def look(self, path, late):
        """The facts of a path, or None. Names in a folder of which it is known that it has changed are looked up again."""
        at, version, found = self.seen.get(path, (None, None, None))
        isFresh = at is not None and time.monotonic() - at < late
        return found if isFresh and version == self.versions.get(os.path.dirname(path)) else self.learn(path)

    def change(self, paths, work):
        """Does what this machine does to paths. What it believed of other names in their folders it goes on to believe."""
        folders = {os.path.dirname(path) for path in paths}
        before = {folder: os.lstat(folder).st_mtime_ns for folder in folders}
        try:
            return work()
        finally:
            for folder in folders:
                self.learn(folder)
                for path, (at, version, found) in self.seen.items():
                    if os.path.dirname(path) == folder and version == before[folder]:
                        self.seen[path] = at, self.versions[folder], found
            for path in paths:
                # Names in a folder that was moved or removed.
                self.seen = {one: seen for one, seen in self.seen.items() if not one.startswith(path + "/")}
                self.learn(path)


class NetworkDisk(fuse.Operations):
    use_ns = True
    CHANGES = set("chmod chown create link mkdir mknod rename rmdir symlink truncate unlink utimens write".split())

    def __init__(self, folder, settings):
        self.folder, self.settings_file = folder, settings
        self.mutex = threading.RLock()
        self.settings_text, self.settings = None, {}
        self.open_files, self.hidden = {}, {}
        self.replaced = set()
        self.looks = Looks()
        self.written = 0
        self.lost = {}
        self.random = random.Random(1)

    def __call__(self, name, path, *args):
        with self.mutex:
            if not hasattr(self, name):
                raise fuse.FuseOSError(errno.ENOSYS)
            own = (self.folder + path).rstrip("/") if path else None
            if name not in ("open", "create"):
                args = [arg.fh if isinstance(arg, fuse.fuse_file_info) else arg for arg in args]
            call = lambda: getattr(self, name)(own, *args)
            if own is None or name not in self.CHANGES or self.setting("late", 0) == 0:
                return call()
            others = [self.folder + args[0]] if name in ("link", "rename") else []
            return self.looks.change([own, *others], call)

    def setting(self, name, otherwise):
        # Not its time, which is the same for changes that follow each other fast.
        with open(self.settings_file) as file:
            text = file.read()
        if text != self.settings_text:
            self.settings_text, self.settings = text, json.loads(text)
            self.written = 0
        return self.settings.get(name, otherwise)

    def is_stale(self):
        return self.random.random() < self.setting("stale", 0)

    def look(self, path):
        """A machine that knows what a path led to asks for that, once."""
        if path in self.replaced:
            self.replaced.discard(path)
            if self.is_stale():
                raise fuse.FuseOSError(errno.ESTALE)

    def of_handle(self, path, handle):
        try:
            isSame = os.fstat(handle).st_nlink > 0
        except FileNotFoundError:
            isSame = False
        if not isSame and self.is_stale():
            raise fuse.FuseOSError(errno.ESTALE)

    def time(self, ns):
        ns += int(self.setting("ahead", 0) * SECOND)
        return ns // SECOND * SECOND if self.setting("coarse", False) else ns

    def facts(self, found):
        facts = {key: getattr(found, key) for key in ("st_ino", "st_mode", "st_nlink", "st_size", "st_uid", "st_gid")}
        for key in ("st_atime", "st_mtime", "st_ctime"):
            facts[key] = self.time(getattr(found, key + "_ns"))
        return facts

    def getattr(self, path, handle=None):
        # What has no path any more is open.
        if path is None:
            self.of_handle(path, handle)
            return self.facts(os.fstat(handle))
        self.look(path)
        late = self.setting("late", 0)
        found = self.looks.look(path, late) if late > 0 else os.lstat(path)
        if found is None:
            raise fuse.FuseOSError(errno.ENOENT)
        return self.facts(found)

    def access(self, path, mode):
        return 0 if os.access(path, mode) else errno.EACCES

    def chmod(self, path, mode):
        os.chmod(path, mode)

    def chown(self, path, uid, gid):
        os.chown(path, uid, gid)

    def utimens(self, path, times=None):
        ahead = int(self.setting("ahead", 0) * SECOND)
        if times is None:
            os.utime(path, follow_symlinks=False)
        else:
            os.utime(path, ns=(int(times[0]) - ahead, int(times[1]) - ahead), follow_symlinks=False)

    def statfs(self, path):
        found = os.statvfs(path)
        names = ("f_bavail", "f_bfree", "f_blocks", "f_bsize", "f_favail", "f_ffree", "f_files", "f_frsize", "f_namemax")
        return {key: getattr(found, key) for key in names}

    def opendir(self, path):
        self.looks.learn(path)
        return 0

    def readdir(self, path, handle):
        self.look(path)
        return [".", "..", *os.listdir(path)]

    def readlink(self, path):
        return os.readlink(path)

    def mkdir(self, path, mode):
        os.mkdir(path, mode)

    def rmdir(self, path):
        os.rmdir(path)
        self.replaced.add(path)

    def symlink(self, path, target):
        os.symlink(target, path)

    def link(self, path, source):
        os.link(self.folder + source, path)

    def mknod(self, path, mode, device):
        os.mknod(path, mode, device)

    def hide(self, path):
        """What a machine has open and removes, or replaces, it only gives another name."""
        inode = os.lstat(path).st_ino
        if inode not in self.open_files.values():
            return False
        hidden = os.path.join(os.path.dirname(path), ".nfs%016x%08x" % (inode, self.random.getrandbits(32)))
        os.rename(path, hidden)
        for handle, known in self.open_files.items():
            if known == inode:
                self.hidden[handle] = hidden
        return True

    def unlink(self, path):
        if os.path.basename(path).startswith(".nfs") and path in self.hidden.values():
            raise fuse.FuseOSError(errno.EBUSY)
        self.look(path)
        if not self.hide(path):
            os.unlink(path)
        self.replaced.add(path)

    def rename(self, path, to):
        to = self.folder + to
        if os.path.lexists(to) and stat.S_ISREG(os.lstat(to).st_mode):
            self.hide(to)
            self.replaced.add(to)
        os.rename(path, to)

    def opened(self, path, flags, mode=0o666):
        handle = os.open(path, flags, mode)
        self.open_files[handle] = os.fstat(handle).st_ino
        return handle

    def open(self, path, info):
        self.look(path)
        info.fh = self.opened(path, info.flags & ~(os.O_CREAT | os.O_EXCL))
        self.looks.learn(path)
        return 0

    def create(self, path, mode, info):
        """Of a path at which this machine knows nothing; another one may have made a file there."""
        isNew = not os.path.lexists(path)
        kept = info.flags & (os.O_EXCL | os.O_TRUNC | os.O_APPEND)
        info.fh = self.opened(path, os.O_RDWR | os.O_CREAT | kept, mode)
        # It may have the number of a file that was lost and removed.
        if isNew:
            self.lost.pop(self.open_files[info.fh], None)
        return 0

    def read(self, path, size, offset, handle):
        self.of_handle(path, handle)
        return os.pread(handle, size, offset)

    def write(self, path, data, offset, handle):
        self.of_handle(path, handle)
        quota = self.setting("quota", None)
        if quota is not None and self.written + len(data) > quota:
            # It is in the machine's memory, and will be refused by the server.
            self.lost[self.open_files[handle]] = True
            return len(data)
        self.written += len(data)
        return os.pwrite(handle, data, offset)

    def truncate(self, path, length, handle=None):
        os.truncate(path if handle is None else handle, length)

    def flush(self, path, handle):
        if self.lost.get(self.open_files[handle]):
            raise fuse.FuseOSError(errno.EDQUOT)

    def fsync(self, path, datasync, handle):
        if self.lost.pop(self.open_files[handle], False):
            raise fuse.FuseOSError(errno.EDQUOT)
        os.fsync(handle)

    def release(self, path, handle):
        del self.open_files[handle]
        hidden = self.hidden.pop(handle, None)
        os.close(handle)
        if hidden is not None and hidden not in self.hidden.values() and os.path.lexists(hidden):
            os.unlink(hidden)


if __name__ == "__main__":
    folder, seen_at, settings = sys.argv[1:4]
    fuse.FUSE(
        NetworkDisk(os.path.realpath(folder), settings),
        seen_at,
        foreground=True,
        nothreads=False,
        raw_fi=True,
        use_ino=True,
        hard_remove=True,
        attr_timeout=0,
        entry_timeout=0,
        # Each read asks the server: what this machine has read before would hide a handle that is lost.
        direct_io=True,
        fsname="network_disk",
    )
