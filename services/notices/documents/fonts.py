"""The fonts step: where a document's typefaces are looked for, and how free ones are fetched without TeX.

Only the standard library is used, so the bootstrap can call it before anything is installed:
`python -m services.notices.documents.fonts INTO`.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

Fonts = tuple[Path, ...]
"""Directories that hold fonts, best first."""

FANGSONG, XIAOBIAOSONG, HEI, KAI, SONG = "仿宋", "小标宋", "黑体", "楷体", "宋体"

FAMILIES: Mapping[str, tuple[str, ...]] = {
    FANGSONG: ("FangSong_GB2312", "仿宋_GB2312", "FZFangSong-Z02", "FangSong", "FandolFang R", "Noto Serif CJK SC"),
    XIAOBIAOSONG: ("FZXiaoBiaoSong-B05S", "方正小标宋简体", "FandolSong", "Noto Serif CJK SC"),
    HEI: ("SimHei", "FandolHei", "Noto Sans CJK SC"),
    KAI: ("KaiTi_GB2312", "楷体_GB2312", "KaiTi", "FandolKai", "Noto Serif CJK SC"),
    SONG: ("SimSun", "FandolSong", "Noto Serif CJK SC"),
}
"""Typeface of the standard -> font families that may set it: licensed first, then the free Fandol, then Noto."""

FANDOL = (
    "FandolFang-Regular.otf",
    "FandolSong-Regular.otf",
    "FandolSong-Bold.otf",
    "FandolHei-Regular.otf",
    "FandolKai-Regular.otf",
)
NOTO = ("NotoSerifCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc", "NotoSansCJK-Regular.ttc")
NOTO_DIRECTORY = Path("/usr/share/fonts/opentype/noto")
APT = ("apt-get", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=15", "-o", "Acquire::https::Timeout=15")
PATIENCE_S = 600


def find(root: Path = Path(), environ: Mapping[str, str] = os.environ) -> Fonts:
    """The directories that exist of: `DUBAN_FONT_DIR` (licensed fonts), `root/var/fonts`, the system's Noto CJK."""
    licensed = environ.get("DUBAN_FONT_DIR")
    places = (Path(licensed) if licensed else None, root / "var" / "fonts", NOTO_DIRECTORY)
    return tuple(place.resolve() for place in places if place and place.is_dir())


def fetch(into: Path) -> tuple[str, ...]:
    """Bring the Fandol fonts into a directory, or Noto CJK where the archive has no Fandol; never raises.

    Returns the Fandol files still missing; at once when all are there. Their licence is GPL-3 with the font exception.
    """
    _take("texlive-lang-chinese", _missing(into, FANDOL), into)
    missing = _missing(into, FANDOL)
    if missing and _missing(NOTO_DIRECTORY, NOTO):
        fetch_noto(into)
    return missing


def fetch_noto(into: Path) -> tuple[str, ...]:
    """Bring Noto CJK, the last resort, into a directory; never raises, returns the files still missing."""
    _take("fonts-noto-cjk", _missing(into, NOTO), into)
    return _missing(into, NOTO)


def _missing(directory: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if not (directory / name).is_file())


def _take(package: str, names: tuple[str, ...], into: Path) -> None:
    """Download one Debian package beside the target and keep the named files of it, each moved in whole."""
    if not names:
        return
    try:
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=into, prefix=".fetch-") as work:
            _unpack(_download(package, Path(work)), names, Path(work))
            for name in names:
                if (Path(work) / name).is_file():
                    (Path(work) / name).replace(into / name)
    except (OSError, subprocess.SubprocessError, tarfile.TarError) as error:
        print(f"{package}: {error}", file=sys.stderr)


def _download(package: str, work: Path) -> Path:
    """The .deb, checked by apt against the signed archive; as root the package lists are renewed once if need be."""
    command = [*APT, "download", package]
    if _run(command, work) != 0 and os.geteuid() == 0:
        _run([*APT, "update"], work)
        _run(command, work)
    archive = next(work.glob(f"{package}_*.deb"), None)
    if archive is None:
        raise FileNotFoundError("the package archive did not give it")
    return archive


def _run(command: list[str], work: Path) -> int:
    return subprocess.run(command, cwd=work, timeout=PATIENCE_S, check=False, capture_output=True).returncode


def _unpack(package: Path, names: tuple[str, ...], into: Path) -> None:
    command = ["dpkg-deb", "--fsys-tarfile", str(package)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as archive,
    ):
        for member in archive:
            name = Path(member.name).name
            content = archive.extractfile(member) if name in names and member.isfile() else None
            if content is not None:
                with (into / name).open("wb") as file:
                    file.write(content.read())
                    os.fsync(file.fileno())  # a file that is there counts as whole, also after a power cut


def main(arguments: list[str]) -> int:
    """Fetch into the directory named; says what is missing, and succeeds all the same."""
    if len(arguments) != 1:
        print("用法：python -m services.notices.documents.fonts 目录", file=sys.stderr)
        return 2
    missing = fetch(Path(arguments[0]))
    print(f"缺少字库：{'、'.join(missing)}" if missing else f"字库齐备：{arguments[0]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
