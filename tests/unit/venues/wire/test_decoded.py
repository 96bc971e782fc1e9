"""What the server tells is read by the decoder of the real exchange's messages."""

import asyncio
import time

import aiohttp

from kedge.data.books.keeper import BookKeeper
from kedge.data.wire.binance import Binance
from kedge.data.wire.listings import Listing, Listings
from kedge.domain.market import BookDelta, Quote, Trade
from unit.venues.wire.test_ccxt_on_the_wire import flowing, serving
