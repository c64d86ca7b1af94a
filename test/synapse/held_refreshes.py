# A module for Synapse. While there is a file of the given path, a refresh stands still between its look at the refresh
# token and the exchange: other requests come in between there on any Synapse that is busy.
import os


class HeldRefreshes:
    def __init__(self, config, api):
        path = config["path"]
        replace = api._store.replace_refresh_token

        async def replace_when_let_go(token_id, next_token_id):
            while os.path.exists(path):
                open(path + ".met", "a").close()
                await api.sleep(0.02)
            await replace(token_id, next_token_id)

        api._store.replace_refresh_token = replace_when_let_go

    @staticmethod
    def parse_config(config):
        return config
