"""What routes are handed by name; `app.py` says how each is made."""

from pathlib import Path

from litestar.di import NamedDependency

from server.ceremonies import Ceremonies
from server.db import Database
from server.photos import Photos
from server.recovery import Recovery
from server.routes.guard import Gate
from server.settings import Settings
from server.snapshots import Snapshots
from server.store.people import Device
from server.store.tablets import Tablet
from server.tries import Tries
from server.world import Millis, World

GivenCeremonies = NamedDependency[Ceremonies]
GivenDatabase = NamedDependency[Database]
GivenDevice = NamedDependency[Device]
GivenGate = NamedDependency[Gate]
GivenNow = NamedDependency[Millis]
GivenPhotos = NamedDependency[Photos]
GivenRecovery = NamedDependency[Recovery]
GivenSettings = NamedDependency[Settings]
GivenSnapshots = NamedDependency[Snapshots]
GivenTablet = NamedDependency[Tablet]
GivenTries = NamedDependency[Tries]
GivenWeb = NamedDependency[Path]
GivenWorld = NamedDependency[World]
