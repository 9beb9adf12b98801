"""Mainevahti: hears what is said about a web shop and gets the right person to answer in time.

    schedule -> pipeline.collect -> source.fetch(cursor) -> Batch(posts, cursor, warnings)
                                    matching.find_shops(post)   posts about nobody stop here
                                    store: new mentions and the cursor, one transaction
             -> pipeline.assess  -> assessor (the one door to models/) -> Verdict; rules -> Reasons
                                    store: assessment, alert, deliveries due, one transaction
             -> pipeline.deliver -> claim -> render -> notifier.send -> sent / again later / failed
    dashboard                    -> reads frozen rows; acts only through monitor.alerts
    web                          -> the buttons of mails, likewise; health, metrics and a read-only API

The three stages meet only in the database: each may be run again after any crash.
Importing this package does nothing.
"""
