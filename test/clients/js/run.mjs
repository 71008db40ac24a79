// Checks unchanged JavaScript clients from npm against the server at TRINE_URL, which has the sample shop loaded.
// Prints one line per check; the exit code is 1 if a check failed. Adds events to the shop but changes nothing else.
import assert from 'node:assert/strict';
import { ApplyGuardrailCommand, BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand, CountTokensCommand,
  InvokeModelCommand, InvokeModelWithResponseStreamCommand, ListAsyncInvokesCommand } from '@aws-sdk/client-bedrock-runtime';
import { CreateDatasetGroupCommand, DeleteDatasetGroupCommand, DescribeDatasetGroupCommand, ListCampaignsCommand,
  ListRecipesCommand, PersonalizeClient, paginateListRecipes } from '@aws-sdk/client-personalize';
import { PersonalizeEventsClient, PutEventsCommand } from '@aws-sdk/client-personalize-events';
import { GetPersonalizedRankingCommand, GetRecommendationsCommand, PersonalizeRuntimeClient } from '@aws-sdk/client-personalize-runtime';
import Anthropic from '@anthropic-ai/sdk';
import { Client } from '@opensearch-project/opensearch';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import OpenAI from 'openai';

const url = process.env.TRINE_URL;
assert.ok(url, 'TRINE_URL must be the URL of the server');
const options = { endpoint: url, region: 'ap-northeast-2', maxAttempts: 1,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const campaignArn = 'arn:aws:personalize:ap-northeast-2:123456789012:campaign/my-campaign';
const rerankArn = 'arn:aws:personalize:us-east-1:123456789:campaign/my-rerank-campaign';
const claude = 'anthropic.claude-3-sonnet-20240229-v1:0';

const search = new Client({ node: url, maxRetries: 0 });
const personalize = new PersonalizeClient(options);
const runtime = new PersonalizeRuntimeClient(options);
const events = new PersonalizeEventsClient(options);
// The SDK speaks HTTP/2 with Bedrock unless it is told otherwise.
const bedrockClients = { 'HTTP/2': new BedrockRuntimeClient(options),
  'HTTP/1.1': new BedrockRuntimeClient({ ...options, requestHandler: new NodeHttpHandler() }) };

const checks = [];
const check = (name, body) => checks.push({ name, body });

check('opensearch-js: info and ping', async () => {
  const info = (await search.info()).body;
  assert.equal(info.version.distribution, 'opensearch');
  assert.equal((await search.ping()).statusCode, 200);
});

check('opensearch-js: documents, from create to delete', async () => {
  const index = `js-${Date.now()}`;
  await search.indices.create({ index, body: { mappings: { properties: { title: { type: 'text', analyzer: 'korean' } } } } });
  const made = await search.index({ index, id: '1 /한글', body: { title: '무선 이어폰' }, refresh: true });
  assert.equal(made.statusCode, 201);
  assert.equal((await search.get({ index, id: '1 /한글' })).body._source.title, '무선 이어폰');
  assert.equal((await search.exists({ index, id: 'none' })).statusCode, 404);
  await assert.rejects(search.create({ index, id: '1 /한글', body: {} }), (e) => e.statusCode === 409);
  assert.equal((await search.count({ index })).body.count, 1);
  await search.delete({ index, id: '1 /한글' });
  await search.indices.delete({ index });
  await assert.rejects(search.search({ index, body: {} }),
    (e) => e.statusCode === 404 && e.body.error.type === 'index_not_found_exception');
});

check('opensearch-js: bulk as NDJSON with numeric ids, and its helper', async () => {
  const index = `js-bulk-${Date.now()}`;
  const answer = (await search.bulk({ refresh: true, body: [{ index: { _index: index, _id: 1 } }, { n: 1 }, { delete: { _index: index, _id: 2 } }] })).body;
  assert.deepEqual(answer.items.map((item) => Object.values(item)[0].status), [201, 404]);
  assert.equal(answer.items[0].index._id, '1');
  const result = await search.helpers.bulk({
    datasource: Array.from({ length: 500 }, (_, n) => ({ n })), refreshOnCompletion: true,
    onDocument: (doc) => ({ index: { _index: index, _id: `d${doc.n}` } }),
  });
  assert.equal(result.successful, 500);
  assert.equal(result.failed, 0);
  assert.equal((await search.count({ index })).body.count, 501);
  await search.indices.delete({ index });
});

check('opensearch-js: a personal search through a pipeline', async () => {
  await search.transport.request({ method: 'PUT', path: '/_search/pipeline/js-rerank', body: {
    response_processors: [{ personalized_search_ranking: { campaign_arn: rerankArn, item_id_field: 'product_id',
      recipe: 'aws-personalized-ranking', weight: 0.3, iam_role_arn: 'arn:aws:iam::123456789:role/Role' } }] } });
  const order = async (user) => (await search.search({ index: 'products', search_pipeline: 'js-rerank',
    body: { query: { match: { title: '무선 이어폰' } }, ext: { personalize_request_parameters: { user_id: user } } } }))
    .body.hits.hits.map((hit) => hit._id);
  const [fan, camper] = [await order('user_123'), await order('user_42')];
  assert.equal(fan.length, 10);
  assert.notDeepEqual(fan, camper);
});

check('personalize: creates, describes and deletes a dataset group', async () => {
  const name = `js-${Date.now()}`;
  const { datasetGroupArn } = await personalize.send(new CreateDatasetGroupCommand({ name }));
  assert.equal(datasetGroupArn, `arn:aws:personalize:ap-northeast-2:123456789012:dataset-group/${name}`);
  const { datasetGroup, $metadata } = await personalize.send(new DescribeDatasetGroupCommand({ datasetGroupArn }));
  assert.ok(datasetGroup.creationDateTime instanceof Date && !Number.isNaN(datasetGroup.creationDateTime.getTime()));
  assert.ok($metadata.requestId);
  await personalize.send(new DeleteDatasetGroupCommand({ datasetGroupArn }));
  await assert.rejects(personalize.send(new DescribeDatasetGroupCommand({ datasetGroupArn })),
    (e) => e.name === 'ResourceNotFoundException' && e.$metadata.httpStatusCode === 400);
});

check('personalize: lists and their paginator', async () => {
  const names = [];
  for await (const page of paginateListRecipes({ client: personalize, pageSize: 3 }, {})) names.push(...page.recipes.map((r) => r.name));
  assert.ok(names.includes('aws-user-personalization-v2'));
  assert.equal(names.length, new Set(names).size);
  assert.equal((await personalize.send(new ListRecipesCommand({ maxResults: 2 }))).recipes.length, 2);
  const { campaigns } = await personalize.send(new ListCampaignsCommand({}));
  assert.ok(campaigns.some((campaign) => campaign.name === 'my-campaign'));
});

check('personalize-runtime: recommendations and ranking', async () => {
  const { itemList, recommendationId } = await runtime.send(new GetRecommendationsCommand({ campaignArn, userId: 'user_street', numResults: 5 }));
  assert.equal(itemList.length, 5);
  assert.match(recommendationId, /^RID-/);
  const { personalizedRanking } = await runtime.send(new GetPersonalizedRankingCommand({
    campaignArn: rerankArn, userId: 'user_street', inputList: ['item_456', 'item_101', 'nothing-of-that-name'] }));
  assert.equal(personalizedRanking.at(-1).itemId, 'nothing-of-that-name');
  await assert.rejects(runtime.send(new GetRecommendationsCommand({ campaignArn: `${campaignArn}-none`, userId: 'u' })),
    (e) => e.name === 'ResourceNotFoundException' && e.$metadata.httpStatusCode === 404);
});

check('personalize-events: an event with a fraction of a second and properties', async () => {
  const { $metadata } = await events.send(new PutEventsCommand({ trackingId: 'YOUR_TRACKING_ID', userId: 'user_js', sessionId: 's',
    eventList: [{ sentAt: new Date(), eventType: 'View', itemId: 'item_456', properties: { place: 'search' } }] }));
  assert.equal($metadata.httpStatusCode, 200);
  await assert.rejects(events.send(new PutEventsCommand({ trackingId: 'nobody', userId: 'u', sessionId: 's',
    eventList: [{ sentAt: new Date(), eventType: 'View', itemId: 'x' }] })), (e) => e.name === 'InvalidInputException');
});

const items = '- item_1: 오버핏 후디, 30000원\n- item_2: 카고팬츠, 45000원\n\n사용자의 질문: "4만원 이하 후디 있어요?"';
const messages = [{ role: 'user', content: [{ text: items }] }];
const toolConfig = { tools: [{ toolSpec: { name: 'stock', inputSchema: { json: { type: 'object' } } } }] };
const collect = async (stream) => {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
};

for (const [version, bedrock] of Object.entries(bedrockClients)) {
  check(`bedrock-runtime over ${version}: an answer and an embedding`, async () => {
    const ask = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 200,
      messages: [{ role: 'user', content: '- item_1: 오버핏 후디\n\n이번 주말 뭐 입을까요?' }] };
    const answer = await bedrock.send(new InvokeModelCommand({ modelId: claude, contentType: 'application/json', body: JSON.stringify(ask) }));
    assert.ok(JSON.parse(Buffer.from(answer.body).toString()).content[0].text);
    const embedding = await bedrock.send(new InvokeModelCommand({ modelId: 'amazon.titan-embed-text-v2:0',
      body: JSON.stringify({ inputText: '가벼운 체어', dimensions: 256 }) }));
    assert.equal(JSON.parse(Buffer.from(embedding.body).toString()).embedding.length, 256);
    await assert.rejects(bedrock.send(new InvokeModelCommand({ modelId: claude, body: '{}' })), (e) => e.name === 'ValidationException');
  });

  check(`bedrock-runtime over ${version}: Converse and its stream`, async () => {
    const answer = await bedrock.send(new ConverseCommand({ modelId: claude, messages, inferenceConfig: { maxTokens: 200 } }));
    const text = answer.output.message.content[0].text;
    assert.match(text, /후디/);
    assert.equal(answer.stopReason, 'end_turn');
    assert.equal(answer.usage.totalTokens, answer.usage.inputTokens + answer.usage.outputTokens);
    assert.ok(answer.metrics.latencyMs >= 0);
    const events = await collect((await bedrock.send(new ConverseStreamCommand({ modelId: claude, messages }))).stream);
    assert.equal(events[0].messageStart.role, 'assistant');
    assert.equal(events.map((event) => event.contentBlockDelta?.delta.text ?? '').join(''), text);
    assert.equal(events.find((event) => event.messageStop).messageStop.stopReason, 'end_turn');
    assert.deepEqual(events.at(-1).metadata.usage, answer.usage);
  });

  check(`bedrock-runtime over ${version}: a streamed invocation`, async () => {
    const body = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 200, messages: [{ role: 'user', content: items }] });
    const whole = JSON.parse(Buffer.from((await bedrock.send(new InvokeModelCommand({ modelId: claude, body }))).body).toString());
    const { body: stream, contentType } = await bedrock.send(new InvokeModelWithResponseStreamCommand({ modelId: claude, body }));
    assert.equal(contentType, 'application/json');
    const chunks = (await collect(stream)).map((event) => JSON.parse(Buffer.from(event.chunk.bytes).toString()));
    assert.equal(chunks[0].type, 'message_start');
    assert.equal(chunks.at(-1).type, 'message_stop');
    assert.equal(chunks.map((chunk) => chunk.delta?.text ?? '').join(''), whole.content[0].text);
  });

  check(`bedrock-runtime over ${version}: counts, guardrails, and what is refused`, async () => {
    const { inputTokens } = await bedrock.send(new CountTokensCommand({ modelId: claude, input: { converse: { messages } } }));
    assert.ok(inputTokens > 0);
    const guarded = await bedrock.send(new ApplyGuardrailCommand({ guardrailIdentifier: 'any', guardrailVersion: 'DRAFT', source: 'OUTPUT',
      content: [{ text: { text: 'The tent costs 20000 won.', qualifiers: ['grounding_source'] } }, { text: { text: 'The tent weighs 500 g.' } }] }));
    assert.equal(guarded.action, 'GUARDRAIL_INTERVENED');
    const refused = (name) => (error) => error.name === name;
    await assert.rejects(bedrock.send(new ConverseStreamCommand({ modelId: claude, messages, toolConfig: { ...toolConfig, toolChoice: { any: {} } } })),
      refused('ValidationException'));
    assert.equal((await bedrock.send(new ConverseCommand({ modelId: claude, messages, toolConfig }))).stopReason, 'end_turn');
    await assert.rejects(bedrock.send(new ListAsyncInvokesCommand({})), refused('ValidationException'));
    await assert.rejects(bedrock.send(new ConverseCommand({ modelId: 'nobody.model', messages })), refused('ValidationException'));
  });
}

check('native: a grounded answer', async () => {
  const { body } = await search.transport.request({ method: 'POST', path: '/_trine/ask',
    body: { question: '무선 이어폰', user_id: 'user_200', index: 'products' } });
  assert.ok(body.items.length > 0);
  assert.ok(body.items.every((item) => item.source.category !== '디지털 액세서리>충전 케이블'));
});

check('openai: chat, stream and embeddings', async () => {
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'local', maxRetries: 0 });
  const messages = [{ role: 'user', content: '- a: Blue tent, 100 USD\n\nUser question: Which tent is there?' }];
  const whole = await openai.chat.completions.create({ model: 'any', messages });
  let text = '';
  for await (const chunk of await openai.chat.completions.create({ model: 'any', messages, stream: true }))
    text += chunk.choices[0]?.delta?.content ?? '';
  assert.equal(text, whole.choices[0].message.content);
  const { data } = await openai.embeddings.create({ model: 'text-embedding-3-small', input: ['tent'], dimensions: 64 });
  assert.equal(data[0].embedding.length, 64);
  await assert.rejects(openai.chat.completions.create({ model: 'any', messages, n: 2 }), (e) => e.status === 400 && e.param === 'n');
});

check('anthropic: messages and stream', async () => {
  const anthropic = new Anthropic({ baseURL: url, apiKey: 'local', maxRetries: 0 });
  const call = { model: 'claude-any', max_tokens: 200,
    messages: [{ role: 'user', content: '- a: Blue tent, 100 USD\n\nUser question: Which tent is there?' }] };
  const whole = await anthropic.messages.create(call);
  const final = await anthropic.messages.stream(call).finalMessage();
  assert.equal(final.content[0].text, whole.content[0].text);
  await assert.rejects(anthropic.messages.create({ ...call, messages: [] }), (e) => e.status === 400);
});

let failed = 0;
for (const { name, body } of checks) {
  try {
    await body();
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok ${name}\n  ${String(error.stack ?? error).replaceAll('\n', '\n  ')}`);
  }
}
console.log(`${checks.length - failed} of ${checks.length} checks passed`);
process.exit(failed ? 1 : 0);
