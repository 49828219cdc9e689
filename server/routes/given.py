"""What routes are handed by name; `app.py` says how each is made."""

from pathlib import Path

from litestar.di import NamedDependency

from server.db import Database
from server.photos import Photos
from server.routes.guard import Gate
from server.settings import Settings
from server.snapshots import Snapshots
from server.store.people import Device
from server.world import Millis, World

GivenDatabase = NamedDependency[Database]
GivenDevice = NamedDependency[Device]
GivenGate = NamedDependency[Gate]
GivenNow = NamedDependency[Millis]
GivenPhotos = NamedDependency[Photos]
GivenSettings = NamedDependency[Settings]
GivenSnapshots = NamedDependency[Snapshots]
GivenWeb = NamedDependency[Path]
GivenWorld = NamedDependency[World]
