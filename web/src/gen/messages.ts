// Generated from locale/*.po by `make types`; not edited by hand.
export interface Messages {
  'account.cards': null
  'account.do': null
  'account.marks': null
  'account.names': null
  'account.names_hint': null
  'account.no': null
  'account.open': null
  'account.own': null
  'account.sheet': null
  'account.text': null
  'account.title': null
  'account.when': null
  'anew.how': null
  'anew.lost': null
  'anew.other': null
  'anew.text': null
  'anew.title': null
  'answer.date': null
  'answer.done': null
  'answer.no_date': null
  'answer.no_size': null
  'answer.no_stage': null
  'answer.send': null
  'answer.short': null
  'answer.size': null
  'answer.stage': null
  'answer.start_ask': null
  'answer.start_not': null
  'answer.start_try': null
  'answer.starters': null
  'answer.text': null
  'answer.title': null
  'app.name': null
  'approve.done': null
  'approve.done_text': { device: string | number }
  'approve.looking': null
  'approve.no_code': null
  'approve.number': null
  'approve.only': null
  'approve.swapped': null
  'approve.title': { device: string | number }
  'approve.where': { name: string | number; teams: string | number }
  'approve.wrong': null
  'attention.again': null
  'attention.copied': null
  'attention.copy': null
  'attention.discard': null
  'attention.edit': null
  'attention.held': null
  'attention.line': { count: number }
  'attention.look': null
  'attention.none': null
  'attention.none_text': null
  'attention.open': null
  'attention.sent': null
  'attention.title': null
  'attention.words': null
  'audit.by': { name: string | number }
  'audit.copy_made': null
  'audit.copy_removed': null
  'audit.device_revoked': null
  'audit.exported': null
  'audit.grant_ended': null
  'audit.granted': null
  'audit.handed_over': null
  'audit.imported': null
  'audit.invitation_taken_back': null
  'audit.invited': null
  'audit.key_changed': null
  'audit.more': null
  'audit.none': null
  'audit.other': null
  'audit.person_erased': null
  'audit.person_left': null
  'audit.person_renamed': null
  'audit.quarantine_accepted': null
  'audit.quarantine_let_go': null
  'audit.recovery_codes_made': null
  'audit.reinvited': null
  'audit.sign_in_failed': null
  'audit.space_made': null
  'audit.space_moved': null
  'audit.space_renamed': null
  'audit.tablet_changed': null
  'audit.tablet_enrolled': null
  'audit.title': null
  'audit.wall_removed': null
  'audit.wall_shown': null
  'audit.what': null
  'banner.offline': null
  'banner.offline_text': null
  'banner.only_own': null
  'banner.only_own_text': null
  'banner.outdated': null
  'banner.outdated_text': null
  'banner.renew': null
  'banner.sign_in': null
  'banner.signed_out': null
  'banner.signed_out_text': null
  'banner.update': null
  'banner.update_text': null
  'board.all_goals': null
  'board.all_teams': null
  'board.back': null
  'board.close_parked': null
  'board.empty.considering': null
  'board.empty.considering_text': null
  'board.empty.in_use': null
  'board.empty.in_use_text': null
  'board.empty.new': null
  'board.empty.new_text': null
  'board.empty.not_now': null
  'board.empty.not_now_text': null
  'board.empty.trying': null
  'board.empty.trying_text': null
  'board.filter': null
  'board.found': { count: number }
  'board.goal': null
  'board.hits': null
  'board.mine': null
  'board.no_hits': { query: string | number }
  'board.no_hits_text': null
  'board.observations': null
  'board.parked': { count: number }
  'board.search': null
  'board.stages': null
  'board.team': null
  'board.tools': null
  'calendar.address': null
  'calendar.end': null
  'calendar.ended': null
  'calendar.how': null
  'calendar.make': null
  'calendar.renew': null
  'calendar.secret': null
  'calendar.since': { day: string | number }
  'calendar.text': null
  'calendar.title': null
  'capture.change_title': null
  'capture.close': null
  'capture.goals': null
  'capture.idea_label': null
  'capture.kind': null
  'capture.more': null
  'capture.nameless': null
  'capture.need': null
  'capture.no_team': null
  'capture.observation_label': null
  'capture.offline_too': null
  'capture.save_idea': null
  'capture.save_observation': null
  'capture.saving': null
  'capture.team': null
  'capture.title': null
  'capture.too_short': null
  'capture.type': null
  'card.back': null
  'card.gone': null
  'card.missing': null
  'card.missing_text': null
  'card.no_name': null
  'card.restore': null
  'card.revived': null
  'claim.again': null
  'claim.answers': null
  'claim.back': null
  'claim.come_forward': null
  'claim.come_forward_do': null
  'claim.come_forward_sure': { name: string | number }
  'claim.do': null
  'claim.grown': { stage: string | number }
  'claim.grown_idea': { title: string | number }
  'claim.grown_task': { title: string | number }
  'claim.hidden': null
  'claim.hint': null
  'claim.mine': null
  'claim.named': null
  'claim.no_answers': null
  'claim.not_a_code': null
  'claim.open': null
  'claim.reply': null
  'claim.reply_once': null
  'claim.send': null
  'claim.stay': null
  'claim.theirs': null
  'claim.title': null
  'claim.waiting': null
  'claim.withdraw': null
  'claim.withdraw_sure': null
  'codes.how': null
  'codes.kept': null
  'codes.left': { count: number }
  'codes.make': null
  'codes.none': null
  'codes.once': null
  'codes.print': null
  'codes.renew': null
  'codes.title': null
  'colour.birch': null
  'colour.clay': null
  'colour.dusk': null
  'colour.heather': null
  'colour.lichen': null
  'colour.sea': null
  'come.again': null
  'come.code': null
  'come.code_hint': null
  'come.expired': null
  'come.forgetting': null
  'come.new_picture': null
  'come.no_phone': null
  'come.number': null
  'come.offline': null
  'come.phone': null
  'come.phone_text': null
  'come.pin': { name: string | number }
  'come.pin_again': null
  'come.pin_do': null
  'come.pin_text': null
  'come.qr': null
  'come.refused': null
  'come.valid': { s: string | number }
  'comment.echo': null
  'comment.plus': null
  'comment.question': null
  'comment.suggestion': null
  'day.today': null
  'day.yesterday': null
  'delivery.delivered': null
  'delivery.here': null
  'delivery.name': null
  'delivery.sending': null
  'device.kept': null
  'device.last': null
  'device.mb': { mb: string | number }
  'device.never': null
  'device.no': null
  'device.send': null
  'device.title': null
  'device.unknown': null
  'device.used': null
  'device.waiting': null
  'device.yes': null
  'devices.copy': { day: string | number }
  'devices.copy_text': null
  'devices.copy_title': { device: string | number }
  'devices.lost': null
  'devices.no_name': null
  'devices.open': null
  'devices.revoke': null
  'devices.seen': { day: string | number }
  'devices.sign_out': null
  'devices.signed_out': null
  'devices.this': null
  'devices.title': null
  'devices.unnamed': null
  'drop.close': null
  'drop.code': null
  'drop.do': null
  'drop.ending': null
  'drop.few': null
  'drop.go_on': null
  'drop.kept': null
  'drop.kept_text': null
  'drop.leave': null
  'drop.leave_text': null
  'drop.misuse': null
  'drop.nameless': null
  'drop.no_box': null
  'drop.no_box_text': null
  'drop.not_kept': null
  'drop.noted': null
  'drop.once': null
  'drop.open_text': null
  'drop.qr': null
  'drop.report': { address: string | number }
  'drop.throw_away': null
  'drop.title': null
  'edit.done': null
  'edit.open': null
  'edit.save': null
  'edit.shared_why': null
  'edit.title': null
  'error.last_admin': null
  'export.do': null
  'export.done': null
  'export.text': null
  'export.title': null
  'failure.disk': null
  'failure.full': null
  'field.goals': null
  'field.gone': null
  'field.lang': null
  'field.need': null
  'field.note': null
  'field.owner': null
  'field.photos': null
  'field.reason': null
  'field.reply': null
  'field.revisit': null
  'field.shared_edit': null
  'field.size': null
  'field.source': null
  'field.stage': null
  'field.strength': null
  'field.text': null
  'field.title': null
  'field.type': null
  'hidden.ask': null
  'hidden.asked': null
  'hidden.days': null
  'hidden.title': null
  'hidden.why': { why: string | number }
  'hide.about_a_person': null
  'hide.client_data': null
  'hide.do': null
  'hide.done': null
  'hide.duplicate': null
  'hide.more': null
  'hide.open': null
  'hide.other': null
  'hide.text': null
  'hide.title': null
  'hide.why': null
  'hide.withdrawn': null
  'hint.always': null
  'hint.code': null
  'hint.code_text': null
  'hint.maybe': null
  'hint.maybe_text': { words: string | number }
  'hint.remove': null
  'history.answered': null
  'history.changed': { what: string | number }
  'history.made': null
  'history.offline': null
  'history.removed': null
  'history.restored': null
  'history.someone': null
  'history.stale': null
  'history.title': null
  'install.do': null
  'install.ios_how': null
  'install.ios_title': null
  'install.ios_why': null
  'install.title': null
  'install.why': null
  'invite.copied': null
  'invite.copy': null
  'invite.link': null
  'invite.making': null
  'invite.open': null
  'invite.qr': null
  'invite.title': { team: string | number }
  'invite.until': { date: string | number; uses: string | number }
  'join.as': { role: string | number }
  'join.ask': null
  'join.back': null
  'join.device': null
  'join.device_hint': null
  'join.do': null
  'join.joining': null
  'join.looking': null
  'join.name': null
  'join.name_hint': null
  'join.need_link': null
  'join.no_name': null
  'join.privacy': null
  'join.some_device': null
  'join.title': null
  'join.to_team': { team: string | number }
  'join.waits': { count: number }
  'join.waits_text': null
  'join.welcome': null
  'kind.comment': null
  'kind.idea': null
  'kind.observation': null
  'kind.recognition': null
  'kind.task': null
  'late.accept': null
  'late.accepted': null
  'late.by': { date: string | number; name: string | number }
  'late.change': null
  'late.left': null
  'late.let_go': null
  'late.line': { count: number }
  'late.look': null
  'late.mine': null
  'late.mine_text': null
  'late.missing': { count: number; device: string | number }
  'late.no_supervisor': null
  'late.text': null
  'late.title': null
  'late.until': { date: string | number }
  'lazy.again': null
  'lazy.failed': null
  'lazy.failed_text': null
  'lead.add_area': null
  'lead.add_team': null
  'lead.back': null
  'lead.code': null
  'lead.code_how': { host: string | number }
  'lead.for_anybody': { count: number }
  'lead.invite_many': null
  'lead.invite_name': null
  'lead.invite_one': null
  'lead.list': null
  'lead.make_code': null
  'lead.make_link': null
  'lead.name': null
  'lead.name_in': { lang: string | number }
  'lead.no_name': null
  'lead.nobody': null
  'lead.nobody_text': null
  'lead.open': null
  'lead.organisation': null
  'lead.people': { count: number }
  'lead.people_here': null
  'lead.rename': null
  'lead.roles': null
  'lead.take_back': null
  'lead.taken_back': null
  'lead.team': null
  'lead.under': null
  'lead.under_text': null
  'lead.until': { date: string | number }
  'lead.waiting': null
  'leave.do': null
  'leave.done': { team: string | number }
  'leave.no': null
  'leave.open': null
  'leave.text': null
  'leave.title': { team: string | number }
  'leave.waits': { count: number }
  'list.all_good': { count: number }
  'list.columns': null
  'list.empty': null
  'list.example': null
  'list.file': null
  'list.good_ones': { count: number }
  'list.how': null
  'list.left_out': { count: number }
  'list.line': { line: string | number }
  'list.look': null
  'list.made': { count: number }
  'list.make': { count: number }
  'list.names': null
  'list.nothing_made': null
  'list.once': null
  'list.or_write': null
  'list.qr': { name: string | number }
  'list.scan': null
  'list.wrong': { count: number }
  'load.begins': null
  'load.cards': { have: string | number; of: string | number }
  'load.offline': null
  'load.once': null
  'load.title': null
  'lock.add_passkey': null
  'lock.after': null
  'lock.again': null
  'lock.anew': null
  'lock.anew_text': null
  'lock.anew_waits': { count: number }
  'lock.by_passkey': null
  'lock.change': null
  'lock.changed': null
  'lock.forgot': null
  'lock.forgot_text': null
  'lock.is_on': null
  'lock.last': null
  'lock.left': { count: number }
  'lock.minutes': { count: number }
  'lock.no_secret': null
  'lock.now_on': null
  'lock.open': null
  'lock.opening': null
  'lock.out': null
  'lock.pin': null
  'lock.prove': null
  'lock.proved': null
  'lock.section': null
  'lock.switch_off': null
  'lock.switch_on': null
  'lock.title': null
  'lock.wait': { s: string | number }
  'lock.why': null
  'lock.working': null
  'locked.change': null
  'locked.drop_text': null
  'locked.elsewhere': null
  'locked.forgot': null
  'locked.forgot_text': null
  'locked.gone': null
  'locked.gone_text': null
  'locked.heard': { when: string | number }
  'locked.hello': { name: string | number }
  'locked.idle': { s: string | number }
  'locked.last': null
  'locked.new': null
  'locked.nobody': null
  'locked.now_plain': null
  'locked.now_strong': null
  'locked.pin': null
  'locked.removed': null
  'locked.removed_text': null
  'locked.rest': { n: string | number }
  'locked.search': null
  'locked.shared': null
  'locked.shut': null
  'locked.strong': null
  'locked.title': null
  'locked.waiting': { count: number }
  'me.colour': null
  'me.language': null
  'me.later': null
  'me.lead': null
  'me.lead_text': null
  'me.look': null
  'me.name': null
  'me.organisation': null
  'me.save': null
  'me.saved': null
  'me.teams': null
  'me.text': null
  'me.text_l': null
  'me.text_m': null
  'me.text_xl': null
  'me.theme_dark': null
  'me.theme_light': null
  'me.theme_system': null
  'me_tablet.end': null
  'me_tablet.end_do': null
  'me_tablet.end_text': null
  'me_tablet.later': null
  'me_tablet.place': null
  'me_tablet.place_is': { of: string | number; place: string | number }
  'me_tablet.sooner': null
  'me_tablet.switch': null
  'me_tablet.text': null
  'me_tablet.title': { name: string | number }
  'move.done': { stage: string | number }
  'move.menu': null
  'move.open': { title: string | number }
  'move.reason': null
  'move.reason_short': null
  'move.revisit': null
  'move.save': null
  'move.title': null
  'nav.board': null
  'nav.me': null
  'nav.name': null
  'nav.new': null
  'nav.skip': null
  'nav.thanks': null
  'nav.today': null
  'nav.write': null
  'need.client': null
  'need.other': null
  'need.partner': null
  'need.relative': null
  'need.staff': null
  'net.needed': null
  'news.comment': null
  'news.idea': null
  'news.observation': null
  'note.answer_by': { date: string | number }
  'note.attention': null
  'note.comments': { count: number }
  'note.here': null
  'note.revisit': { date: string | number }
  'note.same_here': { count: number }
  'note.versions': null
  'note.waited': { count: number }
  'notice.copy_code': { device: string | number }
  'notice.copy_made': { device: string | number }
  'notice.copy_removed': { device: string | number }
  'notice.device_revoked': { device: string | number }
  'notice.exported': null
  'notice.given': null
  'notice.grant_ended': null
  'notice.granted': null
  'notice.groups_lapsed': null
  'notice.held': null
  'notice.identity_linked': null
  'notice.other': null
  'notice.passkey_made': { label: string | number }
  'notice.passkey_removed': { label: string | number }
  'notice.passkey_turned_back': { label: string | number }
  'notice.recovered': { device: string | number }
  'notice.recovery_codes_made': null
  'notice.reinvited': null
  'notice.renamed': null
  'notice.review_asked': null
  'notice.session_ended': { device: string | number }
  'notice.signed_in': { device: string | number }
  'notice.unled': { team: string | number }
  'notices.all': null
  'notices.new': null
  'notices.strange': null
  'notices.title': null
  'observation.client_said': null
  'observation.snag': null
  'observation.success': null
  'observation.tacit_know_how': null
  'oidc.first': null
  'oidc.first_known': null
  'oidc.first_new': null
  'oidc.first_text': null
  'oidc.going': null
  'oidc.link': null
  'oidc.linked': null
  'oidc.not_linked': null
  'oidc.returning': null
  'oidc.sign_in': null
  'oidc.sign_in_as': { name: string | number }
  'oidc.stopped': null
  'oidc.stopped_text': null
  'oidc.title': null
  'oidc.unlink': null
  'oidc.unlink_no': null
  'oidc.unlink_text': null
  'oidc.unlink_title': null
  'oidc.ways': null
  'oidc.works': null
  'out.do': null
  'out.no': null
  'out.open': null
  'out.text': null
  'out.title': null
  'out.waits': { count: number }
  'parted.text': null
  'parted.title': null
  'parted.waits': { count: number }
  'passkey.cancelled': null
  'passkey.later': null
  'passkey.later_where': null
  'passkey.make': null
  'passkey.offer': null
  'passkey.offer_how': null
  'passkey.offer_text': null
  'passkey.some': null
  'person.back': null
  'person.back_text': null
  'person.back_title': { name: string | number }
  'person.cancel': null
  'person.end_role': null
  'person.give_role': null
  'person.goes_on': null
  'person.last': { team: string | number }
  'person.leave': null
  'person.leave_text': null
  'person.leave_title': { name: string | number }
  'person.move': null
  'person.move_do': null
  'person.move_text': null
  'person.move_title': { name: string | number; team: string | number }
  'person.moved': { name: string | number }
  'person.nobody_yet': null
  'person.owed': { count: number }
  'person.own': { count: number; team: string | number }
  'person.remove': null
  'person.remove_do': null
  'person.remove_text': null
  'person.remove_title': { name: string | number; team: string | number }
  'person.removed': { name: string | number }
  'person.unread': null
  'person.where_to': null
  'person.whole': null
  'person.whole_hint': null
  'photo.add': null
  'photo.alt': null
  'photo.hint': null
  'photo.no_alt': null
  'photo.no_camera': null
  'photo.not_here': null
  'photo.not_in_gallery': null
  'photo.remove': null
  'photo.take': null
  'photo.unreadable': null
  'pin.again': null
  'pin.back': null
  'pin.common': null
  'pin.date': null
  'pin.differ': null
  'pin.forgetting': null
  'pin.given': { count: number }
  'pin.keypad': null
  'pin.length': null
  'pin.new': null
  'pin.old': null
  'pin.repeated': null
  'pin.rule': null
  'pin.run': null
  'proof.by_code': null
  'proof.do': null
  'proof.make': null
  'proof.passkey': null
  'proof.title': null
  'proof.why': null
  'push.answer': null
  'push.away': null
  'push.away_hint': null
  'push.comment': null
  'push.days': null
  'push.denied': null
  'push.end': null
  'push.failed': null
  'push.grows': null
  'push.here': null
  'push.install': null
  'push.kinds': null
  'push.missing': null
  'push.quiet': null
  'push.quiet_hint': null
  'push.start': null
  'push.task': null
  'push.text': null
  'push.title': null
  'push.unoffered': null
  'push.waiting': null
  'react.helpers': { names: string | number }
  'react.i_help': null
  'react.lets_try': null
  'react.same_here': null
  'react.title': null
  'recover.both': null
  'recover.code': null
  'recover.do': null
  'recover.hint': null
  'recover.open': null
  'recover.title': null
  'refusal.author_revoked': null
  'refusal.client_data': null
  'refusal.gone': null
  'refusal.grant_revoked': null
  'refusal.id_reused': null
  'refusal.internal': null
  'refusal.no_card': null
  'refusal.no_grant': null
  'refusal.no_room': null
  'refusal.not_yours': null
  'refusal.once': null
  'refusal.over_limit': null
  'refusal.reason_required': null
  'refusal.receiver_left': null
  'refusal.reply_incomplete': null
  'refusal.system_field': null
  'refusal.too_many': null
  'refusal.undecodable': null
  'refusal.unknown_field': null
  'refusal.unknown_kind': null
  'refusal.unknown_option': null
  'refusal.wrong_type': null
  'relay.anybody': null
  'relay.chain': null
  'relay.evening_began': null
  'relay.evening_went_on': null
  'relay.finish': null
  'relay.finished': null
  'relay.for': { name: string | number }
  'relay.for_anybody': null
  'relay.for_me': null
  'relay.hidden_leg': null
  'relay.keep_note': null
  'relay.leg': null
  'relay.mine': null
  'relay.morning_began': null
  'relay.morning_went_on': null
  'relay.my_leg': null
  'relay.night_began': null
  'relay.night_went_on': null
  'relay.no_words': null
  'relay.note': null
  'relay.note_kept': null
  'relay.notes': null
  'relay.nothing_yet': null
  'relay.pass': null
  'relay.passed': null
  'relay.shared_at_once': null
  'relay.somebody_was_first': null
  'relay.take': null
  'relay.take_over': null
  'relay.title': null
  'relay.to_whom': null
  'relay.today': null
  'relay.understood': null
  'relay.was_first': { name: string | number }
  'relay.what': null
  'relay.with': { name: string | number }
  'relay.words_kept': null
  'reply.by': { date: string | number }
  'role.admin': null
  'role.agent': null
  'role.dev_lead': null
  'role.employee_rep': null
  'role.hr': null
  'role.management': null
  'role.owner': null
  'role.staff': null
  'role.supervisor': null
  'roster.name': null
  'roster.role': null
  'roster.team': null
  'saved.another': null
  'saved.delivered': null
  'saved.done': null
  'saved.going': null
  'saved.photos': { count: number }
  'saved.title': null
  'saved.waits': null
  'sheet.close': null
  'sign_in.again': null
  'sign_in.code': null
  'sign_in.code_hint': null
  'sign_in.go_on': null
  'sign_in.invited': null
  'sign_in.kept': null
  'sign_in.new': null
  'sign_in.no_code': null
  'sign_in.passkey': null
  'size.complex': null
  'size.project': null
  'size.quick': null
  'stage.considering': null
  'stage.in_use': null
  'stage.merged': null
  'stage.new': null
  'stage.not_now': null
  'stage.trying': null
  'state.here': null
  'strength.asker': null
  'strength.asker.text': null
  'strength.boundary_keeper': null
  'strength.boundary_keeper.text': null
  'strength.brave_voice': null
  'strength.brave_voice.text': null
  'strength.bridge_builder': null
  'strength.bridge_builder.text': null
  'strength.calm_bringer': null
  'strength.calm_bringer.text': null
  'strength.door_opener': null
  'strength.door_opener.text': null
  'strength.everyday_inventor': null
  'strength.everyday_inventor.text': null
  'strength.finisher': null
  'strength.finisher.text': null
  'strength.first_to_try': null
  'strength.first_to_try.text': null
  'strength.hope_spotter': null
  'strength.hope_spotter.text': null
  'strength.knot_untier': null
  'strength.knot_untier.text': null
  'strength.newcomers_ally': null
  'strength.newcomers_ally.text': null
  'strength.quiet_carrier': null
  'strength.quiet_carrier.text': null
  'strength.rememberer': null
  'strength.rememberer.text': null
  'strength.rhythm_keeper': null
  'strength.rhythm_keeper.text': null
  'strength.sharp_eye': null
  'strength.sharp_eye.text': null
  'strength.skilled_hands': null
  'strength.skilled_hands.text': null
  'strength.teacher_alongside': null
  'strength.teacher_alongside.text': null
  'strength.twinkle': null
  'strength.twinkle.text': null
  'strength.word_finder': null
  'strength.word_finder.text': null
  'strengths.add': null
  'strengths.down': null
  'strengths.drop': null
  'strengths.full': null
  'strengths.go': null
  'strengths.is_shared': { team: string | number }
  'strengths.many': null
  'strengths.map': { team: string | number }
  'strengths.map_few': null
  'strengths.mine': null
  'strengths.moved': { name: string | number; place: string | number }
  'strengths.note': null
  'strengths.open': null
  'strengths.other_note': { note: string | number }
  'strengths.private': null
  'strengths.save': null
  'strengths.share': { team: string | number }
  'strengths.shared': null
  'strengths.sharing': null
  'strengths.sharing_text': null
  'strengths.some': null
  'strengths.title': null
  'strengths.unshare': { team: string | number }
  'strengths.up': null
  'strengths.update': null
  'sync.attention': { count: number }
  'sync.connecting': null
  'sync.delivered': null
  'sync.offline': null
  'sync.sending': { count: number }
  'sync.signed_out': null
  'sync.waiting': { count: number }
  'tablet.check.encrypted': null
  'tablet.check.kiosk': null
  'tablet.check.managed': null
  'tablet.check.no_debugging': null
  'tablet.check.no_learning': null
  'tablet.check.updates': null
  'tablet.checks': null
  'tablet.checks_text': null
  'tablet.draft_stays': null
  'tablet.ending': { count: number }
  'tablet.enrol': null
  'tablet.enrol_do': null
  'tablet.enrol_text': null
  'tablet.enrolled': { name: string | number }
  'tablet.go_on': null
  'tablet.lock': null
  'tablet.locking': null
  'tablet.locks_in': { time: string | number }
  'tablet.no_code': null
  'tablet.taken': null
  'tablet.taken_text': null
  'tablet.teams': { teams: string | number }
  'tablet.title': null
  'tablets.add': null
  'tablets.also': null
  'tablets.code_do': null
  'tablets.code_how': { device: string | number; name: string | number }
  'tablets.code_whose': null
  'tablets.copies': null
  'tablets.copy_end': null
  'tablets.copy_text': { device: string | number }
  'tablets.copy_title': { name: string | number }
  'tablets.end_drafts': null
  'tablets.end_later': null
  'tablets.end_sends': null
  'tablets.link': null
  'tablets.locks': null
  'tablets.make': null
  'tablets.name_hint': null
  'tablets.no_copies': null
  'tablets.no_team': null
  'tablets.none': null
  'tablets.qr': null
  'tablets.revoke_lost': null
  'tablets.revoke_text': null
  'tablets.revoke_title': { device: string | number }
  'tablets.scan': null
  'tablets.seconds': { count: number }
  'tablets.shared_by': null
  'tablets.shared_hint': null
  'tablets.strong': null
  'tablets.strong_hint': null
  'tablets.strong_new': null
  'tablets.title': null
  'talk.empty': null
  'talk.long': { max: string | number }
  'talk.remove': null
  'talk.removed': null
  'talk.send': null
  'talk.title': null
  'talk.write': null
  'talk.you': null
  'task.all': null
  'task.answer': null
  'task.away': null
  'task.by_when': null
  'task.change': null
  'task.close': null
  'task.closed': null
  'task.drop_answer': null
  'task.drop_answer_sure': null
  'task.due': { date: string | number }
  'task.edit_answer': null
  'task.from': { name: string | number }
  'task.give': null
  'task.give_one': null
  'task.given': null
  'task.left_answers': null
  'task.mark_done': null
  'task.new': null
  'task.none': null
  'task.none_text': null
  'task.noticed': null
  'task.one_text': null
  'task.over': null
  'task.private': null
  'task.private_one': null
  'task.progress': { all: string | number; done: string | number }
  'task.prompt': null
  'task.put_away': null
  'task.ready': null
  'task.reopen': null
  'task.save_answer': null
  'task.share': null
  'task.share_now': null
  'task.share_text': null
  'task.share_words': null
  'task.shared': null
  'task.shares': null
  'task.steps': null
  'task.steps_hint': null
  'task.team_progress': null
  'task.title': null
  'task.to': { name: string | number }
  'task.today': null
  'task.too_long': { steps: string | number }
  'task.too_short': null
  'task.under_way': null
  'task.undone': null
  'task.unshare': null
  'task.why': null
  'thanks.answer': null
  'thanks.answered': { name: string | number }
  'thanks.answering': { name: string | number }
  'thanks.from': { name: string | number }
  'thanks.give': null
  'thanks.given': null
  'thanks.given_to': { to: string | number }
  'thanks.got': { from: string | number; to: string | number }
  'thanks.leave': null
  'thanks.mine': null
  'thanks.mine_text': null
  'thanks.more_strengths': null
  'thanks.no_receiver': null
  'thanks.nobody': null
  'thanks.none_yet': null
  'thanks.off_wall': null
  'thanks.on_wall': null
  'thanks.only_you': null
  'thanks.onward': null
  'thanks.relayed': null
  'thanks.relayed_hint': null
  'thanks.relayed_tag': null
  'thanks.remove': null
  'thanks.removed': null
  'thanks.seek': null
  'thanks.send': null
  'thanks.sent': null
  'thanks.some_team': null
  'thanks.strength': null
  'thanks.strengths': null
  'thanks.title': null
  'thanks.to_wall': null
  'thanks.too_short': null
  'thanks.wall': { team: string | number }
  'thanks.wall_empty': null
  'thanks.wall_empty_text': null
  'thanks.wall_wish': null
  'thanks.wall_wish_hint': null
  'thanks.which_wall': null
  'thanks.who_sees': null
  'thanks.whom': null
  'thanks.words': null
  'title.card': null
  'title.leading': null
  'today.answer': null
  'today.answer_says': null
  'today.answer_to': { title: string | number }
  'today.answers': null
  'today.board': null
  'today.by': { date: string | number }
  'today.day': { name: string | number }
  'today.evening': { name: string | number }
  'today.first': null
  'today.first_text': null
  'today.leaves': null
  'today.leaving': null
  'today.morning': { name: string | number }
  'today.new': null
  'today.news': null
  'today.no_team': null
  'today.rest': null
  'today.to_answer': null
  'today.waiting': null
  'undo': null
  'versions.also': { what: string | number; who: string | number }
  'versions.both': null
  'versions.compare': null
  'versions.done': null
  'versions.in_words': { ours: string | number; theirs: string | number }
  'versions.join': null
  'versions.joined': null
  'versions.kept': null
  'versions.mine': { what: string | number }
  'versions.not_yours': null
  'versions.nothing': null
  'versions.on_card': null
  'versions.save_joined': null
  'versions.text': null
  'versions.title': null
  'versions.use': null
  'versions.which': null
  'versions.yours': null
  'wall.back': null
  'wall.empty': null
  'wall.more': { count: number }
  'wall.open': null
  'wall.peek': null
  'wall.relay_waits': null
  'wall.relays': { n: string | number }
  'wall.switch': null
  'wall.switch_hint': null
  'wall.what': null
  'ways.drop': null
  'ways.drop_text': null
  'ways.drop_title': { name: string | number }
  'ways.keep': null
  'ways.label': null
  'ways.last': null
  'ways.synced': null
  'ways.title': null
  'ways.used': { day: string | number }
  'when.today': { time: string | number }
  'when.yesterday': { time: string | number }
  'withdraw.do': null
  'withdraw.done': null
}
export type MessageKey = keyof Messages
