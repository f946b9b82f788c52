/** The app's names for what the gateway's API document describes. The shapes are generated: see schema.gen.ts. */
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type User = Schemas['UserView'];
export type Role = User['role'];
export type Language = Exclude<User['language'], ''>;
export type Team = Schemas['TeamView'];
export type Me = Schemas['MeView'];
/** A user as the routing engine sees them: state, load, capacity. */
export type Agent = Schemas['AgentView'];
export type AgentState = Agent['state'];
export type Routing = Schemas['RoutingView'];
export type Decision = Schemas['DecisionView'];
export type Candidate = Schemas['Candidate'];
export type Profile = Schemas['ProfileView'];
export type SkillName = Schemas['SkillView'];
export type Hours = Schemas['HoursView'];
/** How a user wants to be told of things. */
export type NotifySettings = Schemas['SettingsView'];
export type KeptSettings = Schemas['KeptSettings'];
export type Quiet = Schemas['Quiet'];
export type Rule = Schemas['RuleView'];
export type Policy = Schemas['PolicyView'];
/** A rule that need not be saved. */
export type RuleInput = Schemas['RuleInput'];
/** How a floor worked, or would have worked. */
export type Figures = Schemas['Figures'];
export type ConditionTest = Schemas['TestView'];
export type AutoMessage = Schemas['AutoMessageView'];
export type ConditionField = Schemas['Description'];
export type Queue = Schemas['QueueView'];
/** The floor: queues, agents with what they have, channels. */
export type Board = Schemas['BoardView'];
export type BoardAgent = Schemas['BoardAgent'];
export type SignOfLife = Schemas['SignOfLife'];
/** Whether a user works now, since when, and why in their own words. */
export type Presence = Pick<Agent, 'user_id' | 'state' | 'reason' | 'since'>;

export type Problem = Schemas['Trouble'];
export type Channel = Schemas['ChannelView'];
export type MailHost = Schemas['MailHostView'];
export type ChannelKind = Channel['kind'];
export type Capabilities = Schemas['CapabilitiesView'];
export type Health = Schemas['HealthView'];

export type Conversation = Schemas['ConversationView'];
export type ConversationStatus = Conversation['status'];
export type Priority = Conversation['priority'];
export type ConversationType = Conversation['type'];
export type Sentiment = Exclude<Conversation['sentiment'], ''>;
export type LastMessage = Schemas['Snippet'];

export type Contact = Schemas['ContactView'];
/** What a search found, of each kind. */
export type MessageHit = Schemas['HitView'];
export type ContactHit = Schemas['FoundView'];
export type CannedHit = Schemas['CannedHitView'];
/** Where something has what was looked for, in code points. */
export type Highlight = Schemas['Highlight'];
export type Identity = Schemas['IdentityView'];
export type Merged = Schemas['MergeView'];

export type Message = Schemas['MessageView'];
export type MessageStatus = Message['status'];
export type Attachment = Schemas['AttachmentView'];
export type AttachmentKind = Attachment['kind'];
export type UploadedMedia = Schemas['UploadView'];
export type Location = Schemas['Location'];
export type Card = Schemas['Card'];
export type Interactive = Schemas['Interactive'];
export type Order = Schemas['Order'];
export type Referral = Schemas['Referral'];
export type Link = Schemas['Link'];
export type Mail = Schemas['Mail'];
export type MailAddress = Schemas['Address'];
export type Quote = Schemas['Quote'];
export type Reaction = Schemas['ReactionView'];
export type Template = Schemas['Template'];
export type TemplateUse = Schemas['TemplateUse'];
export type TemplateParam = Schemas['TemplateParam'];

export type NewMessage = Schemas['CreateMessageInputBody'];
export type Draft = Schemas['DraftView'];
export type MailDraft = Schemas['DraftMail'];

export type Activity = Schemas['ActivityView'];
export type ActivityActor = Activity['actor'];
export type ActivityChange = Activity['changes'][number];

/** What agents keep to be fast. */
export type CannedReply = Schemas['CannedView'];
export type Label = Schemas['LabelView'];
export type View = Schemas['ViewView'];
export type Macro = Schemas['MacroView'];
export type Scope = CannedReply['scope'];

export type Reminder = Schemas['ReminderView'];
export type Job = Schemas['JobView'];

export type DeadLetter = Schemas['DeadLetterView'];
export type Discarded = Schemas['DiscardedView'];
export type FailedMessage = Schemas['FailedView'];
export type Lifeline = Schemas['LifelineView'];
export type LifelineStep = Schemas['StepView'];
