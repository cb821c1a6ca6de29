"""Emoji shortcodes in common use, as the characters they stand for."""

import re

_SHORTCODE = re.compile(r":([a-z0-9_+'-]+)(?:::skin-tone-[2-6])?:")

_TABLE = """
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 clap 👏 raised_hands 🙌 pray 🙏 muscle 💪 wave 👋 ok_hand 👌 point_right 👉
point_left 👈 point_up ☝️ point_down 👇 handshake 🤝 writing_hand ✍️ eyes 👀 speech_balloon 💬
thought_balloon 💭 smile 😄 slightly_smiling_face 🙂 grinning 😀 joy 😂 wink 😉 blush 😊 thinking_face 🤔
sunglasses 😎 relieved 😌 cry 😢 sob 😭 sweat_smile 😅 heart_eyes 😍 partying_face 🥳 hugging_face 🤗
neutral_face 😐 confused 😕 disappointed 😞 sleeping 😴 zzz 💤 exploding_head 🤯 shushing_face 🤫 robot_face 🤖
ghost 👻 see_no_evil 🙈 heart ❤️ blue_heart 💙 green_heart 💚 yellow_heart 💛 purple_heart 💜 orange_heart 🧡
broken_heart 💔 sparkling_heart 💖 star ⭐ star2 🌟 sparkles ✨ dizzy 💫 zap ⚡ fire 🔥 boom 💥 100 💯 tada 🎉
confetti_ball 🎊 trophy 🏆 medal 🏅 sports_medal 🏅 first_place_medal 🥇 second_place_medal 🥈
third_place_medal 🥉 dart 🎯 gift 🎁 balloon 🎈 white_check_mark ✅ heavy_check_mark ✔️
ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎ warning ⚠️ no_entry ⛔ no_entry_sign 🚫
octagonal_sign 🛑 question ❓ grey_question ❔ exclamation ❗ bangbang ‼️ information_source ℹ️ bulb 💡 bell 🔔
no_bell 🔕 mega 📣 loudspeaker 📢 mag 🔍 mag_right 🔎 lock 🔒 unlock 🔓 key 🔑 closed_lock_with_key 🔐
bust_in_silhouette 👤 busts_in_silhouette 👥 calendar 📅 date 📅 spiral_calendar_pad 🗓️ clock9 🕘
alarm_clock ⏰ hourglass ⌛ hourglass_flowing_sand ⏳ stopwatch ⏱️ double_vertical_bar ⏸️ pause_button ⏸️
arrow_forward ▶️ fast_forward ⏩ arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️
arrow_upper_right ↗️ arrows_counterclockwise 🔄 repeat 🔁 leftwards_arrow_with_hook ↩️ wastebasket 🗑️
recycle ♻️ memo 📝 pencil 📝 pencil2 ✏️ notebook 📓 ledger 📒 book 📖 books 📚 bookmark 🔖 clipboard 📋
page_facing_up 📄 file_folder 📁 open_file_folder 📂 card_index_dividers 🗂️ paperclip 📎 link 🔗 pushpin 📌
round_pushpin 📍 scroll 📜 inbox_tray 📥 outbox_tray 📤 email 📧 envelope ✉️ incoming_envelope 📨 package 📦
chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 gear ⚙️ wrench 🔧 hammer_and_wrench 🛠️
test_tube 🧪 microscope 🔬 telescope 🔭 jigsaw 🧩 puzzle_piece 🧩 compass 🧭 world_map 🗺️ ladder 🪜 mountain ⛰️
snow_capped_mountain 🏔️ stairs 🪜 rocket 🚀 ship 🚢 steam_locomotive 🚂 seedling 🌱 herb 🌿 evergreen_tree 🌲
deciduous_tree 🌳 palm_tree 🌴 four_leaf_clover 🍀 cherry_blossom 🌸 sunflower 🌻 sunny ☀️ sun_with_face 🌞
partly_sunny ⛅ cloud ☁️ rainbow 🌈 snowflake ❄️ coffee ☕ tea 🍵 cake 🍰 birthday 🎂 beers 🍻
beach_with_umbrella 🏖️ house 🏠 office 🏢 school 🏫 mortar_board 🎓 brain 🧠 computer 💻 iphone 📱 gem 💎
money_with_wings 💸 moneybag 💰 scales ⚖️ shield 🛡️ hatching_chick 🐣 bug 🐛 bee 🐝 owl 🦉 unicorn_face 🦄
turtle 🐢 crown 👑 art 🎨 headphones 🎧 microphone 🎤 movie_camera 🎥 camera 📷 red_circle 🔴
large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵
large_purple_circle 🟣 white_circle ⚪ black_circle ⚫ white_large_square ⬜ black_large_square ⬛
large_green_square 🟩 large_yellow_square 🟨 large_blue_square 🟦 small_blue_diamond 🔹 large_blue_diamond 🔷
small_orange_diamond 🔸 heavy_plus_sign ➕ heavy_minus_sign ➖ one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣
six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ zero 0️⃣
"""


def _read_table() -> dict[str, str]:
    words = _TABLE.split()
    return dict(zip(words[::2], words[1::2], strict=True))


EMOJI = _read_table()


def replace_shortcodes(text: str) -> str:
    """`:tada:` becomes 🎉; a shortcode that is not known stays as written."""
    return _SHORTCODE.sub(lambda match: EMOJI.get(match[1], match[0]), text)
