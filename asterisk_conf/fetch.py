"""Fetches Debian's Asterisk with every library it needs into a folder; changes nothing else.

apt downloads (it resumes, verifies signatures and checks sums by itself) with folders of its own
beside ours, and dpkg-deb unpacks. Neither needs to be root, neither installs anything.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from asterisk_conf.errors import AsteriskMissing, FetchFailed, ToolMissing

Progress = Callable[[str], None]

SUITE = "unstable"
"""The suite of Debian in which Asterisk is kept up to date."""

PROMPTS: Mapping[str, str] = MappingProxyType(
    {"en": "asterisk-core-sounds-en-wav", "ru": "asterisk-core-sounds-ru-wav"}
)
"""The package with the spoken prompts of each language."""

PACKAGES = ("asterisk", *PROMPTS.values(), "asterisk-moh-opsound-wav")
SOUNDS = Path("usr/share/asterisk/sounds")
LICENCES = Path("usr/share/doc")
A_PROMPT = "vm-intro.*"
"""Every language has it; where it is missing, nothing of the language is there."""

IMPATIENTLY = ("-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10")
"""For what an exchange can do without, when there is no network."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
TOOLS = {"apt-get": "apt", "dpkg-deb": "dpkg", "gpgv": "gpgv"}
MERGED_FOLDERS = ("bin", "lib", "lib64", "sbin")
PERCENT_STEP = 5
LAST_WORDS = 8
FOLDER_MODE = 0o755


@dataclass(frozen=True, slots=True)
class Workshop:
    """The folders beside the root in which a fetch works; what is here survives a break."""

    root: Path

    @property
    def folder(self) -> Path:
        """Holds package lists and packages until the root is complete."""
        return self.root.with_name(f"{self.root.name}.cache")

    @property
    def archives(self) -> Path:
        """Finished downloads, and unfinished ones in ``partial``."""
        return self.folder / "archives"

    @property
    def partial_root(self) -> Path:
        """Where packages are unpacked; becomes the root in one step."""
        return self.root.with_name(f"{self.root.name}.partial")

    @property
    def lock(self) -> Path:
        """Held by whoever fetches."""
        return self.root.with_name(f"{self.root.name}.lock")

    @property
    def apt_settings(self) -> Path:
        """Tells apt to work in here and nowhere else."""
        return self.folder / "apt.conf"


def fetch(root: Path, progress: Progress, packages: Sequence[str] = PACKAGES) -> None:
    """Fetch Asterisk into ``root``, which appears whole or not at all.

    A fetch that was broken off continues with what had arrived; two at once wait for each other.
    Other packages of Debian can be fetched in the same way.

    Raises:
        ToolMissing: A Debian package is needed first.
        FetchFailed: The archive could not be reached, verified or unpacked.
    """
    _require_tools()
    workshop = Workshop(root)
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        with _only_one(workshop, progress):
            if not root.exists():
                _download(workshop, packages, progress)
                _unpack(workshop, progress)
                _link_sounds(workshop.partial_root / SOUNDS)
                workshop.partial_root.rename(root)
                progress(f"{packages[0].capitalize()} is unpacked.")
                shutil.rmtree(workshop.folder)
    except OSError as problem:
        what = packages[0].capitalize()
        raise FetchFailed(f"{what} could not be fetched into {root}: {problem}") from problem


def missing_prompts(sounds: Path) -> tuple[str, ...]:
    """Name the languages of which there are no spoken prompts in this folder."""
    return tuple(one for one in PROMPTS if next((sounds / one).glob(A_PROMPT), None) is None)


def add_prompts(root: Path, progress: Progress) -> None:
    """Bring the languages that a root fetched earlier lacks; nothing that is there is touched.

    A running Asterisk finds them at once. Each language appears whole or not at all.

    Raises:
        ToolMissing: A Debian package is needed first.
        FetchFailed: The archive could not be reached, verified or unpacked.
    """
    _require_tools()
    workshop, sounds = Workshop(root), root / SOUNDS
    try:
        with _only_one(workshop, progress):
            missing = [PROMPTS[language] for language in missing_prompts(sounds)]
            if missing:
                _download(workshop, missing, progress, IMPATIENTLY)
                _unpack(workshop, progress)
                for package in missing:
                    _add_folder(workshop.partial_root / LICENCES / package, root / LICENCES)
                for spoken in _spoken_in(workshop.partial_root / SOUNDS):
                    _add_folder(spoken, sounds)
                _link_sounds(sounds)
                shutil.rmtree(workshop.partial_root)
                shutil.rmtree(workshop.folder)
    except OSError as problem:
        raise FetchFailed(f"Prompts could not be fetched into {root}: {problem}") from problem


def debian_archive() -> str:
    """Return the address of the Debian archive that this machine's apt uses.

    Raises:
        FetchFailed: apt knows no Debian archive.
    """
    archive = choose_archive(_sources()) or choose_archive(_sources("--no-release-info"))
    if archive is None:
        raise FetchFailed(
            "apt on this machine knows no Debian archive, so Asterisk cannot be fetched; "
            "install Asterisk 22.10.1 or newer yourself, or add a Debian archive to apt's sources"
        )
    return archive


def _sources(*options: str) -> str:
    """What apt gets packages from; where it has never read a list, only without their labels."""
    form = "$(CREATED_BY)|$(SITE)|$(ORIGIN)|$(LABEL)|$(RELEASE)"
    return subprocess.run(  # noqa: S603 - words of our own
        ["apt-get", "indextargets", *options, "--format", form],  # noqa: S607 - the machine's apt
        capture_output=True,
        text=True,
        check=False,
    ).stdout


def choose_archive(listing: str) -> str | None:
    """Pick the archive of Debian itself, not of its security updates or of anybody else.

    The origin is empty while apt has no lists yet; the suite's name must do then.
    """
    candidates = [line.split("|") for line in listing.splitlines()]
    sites = [
        (site, origin, label, release)
        for created_by, site, origin, label, release in (c for c in candidates if len(c) == 5)
        if created_by == "Packages" and site
    ]
    for site, origin, label, _ in sites:
        if (origin, label) == ("Debian", "Debian"):
            return site
    for site, origin, _, release in sites:
        if not origin.isalpha() and "security" not in release and "debian" in site:
            return site
    return None


def _require_tools() -> None:
    for tool, package in TOOLS.items():
        if shutil.which(tool) is None:
            raise ToolMissing(tool, package)
    if not KEYRING.is_file():
        raise ToolMissing(str(KEYRING), "debian-archive-keyring")


@contextmanager
def _only_one(workshop: Workshop, progress: Progress) -> Iterator[None]:
    with workshop.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Somebody else is fetching that already; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _download(
    workshop: Workshop, packages: Sequence[str], progress: Progress, options: Sequence[str] = ()
) -> None:
    _lay_out(workshop, debian_archive())
    progress("Reading Debian's list of packages.")
    _apt(workshop, [*options, "update"], "Package lists", progress)
    progress(f"Downloading {', '.join(packages)}.")
    wanted = ["install", "--yes", "--download-only", "--no-install-recommends", *packages]
    _apt(workshop, [*options, *wanted], "Packages", progress)


def _lay_out(workshop: Workshop, archive: str) -> None:
    folder = workshop.folder
    for name in ("lists/partial", "archives/partial", "preferences.d", "sources.list.d"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").write_text("")
    (folder / "sources.list").write_text(f"deb [signed-by={KEYRING}] {archive} {SUITE} main\n")
    workshop.apt_settings.write_text(apt_settings(folder, is_root=os.geteuid() == 0))


def apt_settings(folder: Path, *, is_root: bool) -> str:
    """Point apt at folders of ours; the machine's proxies stay in effect, its hooks do not.

    The archive's date is not checked, because mirrors lag; signatures and sums are.
    """
    sandbox = 'APT::Sandbox::User "root";\n' if is_root else ""
    return (
        f'Dir::State "{folder}";\n'
        f'Dir::State::status "{folder}/status";\n'
        f'Dir::State::lists "{folder}/lists";\n'
        f'Dir::Cache "{folder}";\n'
        f'Dir::Cache::archives "{folder}/archives";\n'
        f'Dir::Etc::sourcelist "{folder}/sources.list";\n'
        f'Dir::Etc::sourceparts "{folder}/sources.list.d";\n'
        f'Dir::Etc::preferences "{folder}/preferences";\n'
        f'Dir::Etc::preferencesparts "{folder}/preferences.d";\n'
        'Acquire::Languages "none";\n'
        'Acquire::Check-Valid-Until "false";\n'
        'Acquire::Retries "3";\n'
        'APT::Get::AllowUnauthenticated "false";\n'
        'APT::Keep-Downloaded-Packages "true";\n'
        "#clear APT::Update::Pre-Invoke;\n"
        "#clear APT::Update::Post-Invoke;\n"
        "#clear APT::Update::Post-Invoke-Success;\n"
        "#clear DPkg::Pre-Install-Pkgs;\n"
        f"{sandbox}"
    )


def _apt(workshop: Workshop, arguments: Sequence[str], what: str, progress: Progress) -> None:
    """Run apt-get, tell its percentages, and keep its last words for a failure."""
    command = ["apt-get", f"--config-file={workshop.apt_settings}", "-q", "-o", "APT::Status-Fd=1"]
    with subprocess.Popen(  # noqa: S603 - the machine's apt with our own arguments
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        if running.stdout is None:
            raise FetchFailed("apt-get gave no output to read")
        try:
            words = _listen(running.stdout, what, progress)
        except BaseException:
            running.terminate()
            raise
    complaints = [word for word in words if word.startswith(("E:", "W:", "Err:"))]
    if running.returncode or any(word.startswith("Err:") for word in words):
        detail = "\n".join((complaints or words)[-LAST_WORDS:])
        raise FetchFailed(
            f"Debian's archive did not give what was asked; run it again to continue.\n{detail}"
        )


def _listen(lines: Iterable[str], what: str, progress: Progress) -> list[str]:
    """Pass on how far apt is, in steps worth a line, and return all else that it says."""
    words: list[str] = []
    told = -PERCENT_STEP
    for line in lines:
        percent = percent_in(line)
        if percent is None:
            words.append(line.rstrip())
        elif percent >= told + PERCENT_STEP:
            told = percent
            progress(f"{what}: {percent} %")
    return words


def percent_in(line: str) -> int | None:
    """Read the share of a download that is done from a line of apt's status."""
    found = re.match(r"dlstatus:\d+:(\d+)", line)
    return int(found.group(1)) if found else None


def _unpack(workshop: Workshop, progress: Progress) -> None:
    target = workshop.partial_root
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(mode=FOLDER_MODE)
    for name in MERGED_FOLDERS:
        (target / "usr" / name).mkdir(parents=True, exist_ok=True)
        (target / name).symlink_to(f"usr/{name}")
    packages = sorted(workshop.archives.glob("*.deb"))
    if not packages:
        raise AsteriskMissing("Debian's archive gave no packages at all")
    progress(f"Unpacking {len(packages)} packages.")
    for package in packages:
        outcome = subprocess.run(  # noqa: S603 - Debian's own packages, verified by apt
            ["dpkg-deb", "--extract", str(package), str(target)],  # noqa: S607 - the machine's dpkg
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode:
            package.unlink()
            raise FetchFailed(f"{package.name} is broken; run it again: {outcome.stderr.strip()}")


def _spoken_in(sounds: Path) -> list[Path]:
    """The folders of the languages, such as ``ru_RU_f_IvrvoiceRU``."""
    return [spoken for language in PROMPTS for spoken in sorted(sounds.glob(f"{language}_*"))[:1]]


def _link_sounds(sounds: Path) -> None:
    """Make the languages findable by links that installing, not unpacking, would make."""
    for spoken in _spoken_in(sounds):
        link = sounds / spoken.name.partition("_")[0]
        if not link.exists():
            link.unlink(missing_ok=True)  # it may lead nowhere
            link.symlink_to(spoken.name)


def _add_folder(folder: Path, place: Path) -> None:
    """Copy a folder into ``place``, where it appears in one step unless it is there already."""
    target = place / folder.name
    if folder.is_dir() and not target.exists():
        place.mkdir(parents=True, exist_ok=True)
        half = place / f".{folder.name}.partial"
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(folder, half)
        half.rename(target)
