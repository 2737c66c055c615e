// SPDX-License-Identifier: Apache-2.0
// The same with mqtt.js, the client of Node-RED.  NODE_PATH=/usr/share/nodejs node mqttjs_bridge.js PORT
const codes = {
  Pi: ['1-0:1.7.0', 'kW'], Po: ['1-0:2.7.0', 'kW'], P1i: ['1-0:21.7.0', 'W'], P2i: ['1-0:41.7.0', 'W'],
  P3i: ['1-0:61.7.0', 'W'], P1o: ['1-0:22.7.0', 'W'], P2o: ['1-0:42.7.0', 'W'], P3o: ['1-0:62.7.0', 'W'],
  V1: ['1-0:32.7.0', 'V'], V2: ['1-0:52.7.0', 'V'], V3: ['1-0:72.7.0', 'V'], I1: ['1-0:31.7.0', 'A'],
  I2: ['1-0:51.7.0', 'A'], I3: ['1-0:71.7.0', 'A'], Ei: ['1-0:1.8.0', 'kWh'], Eo: ['1-0:2.8.0', 'kWh'],
  Ei1: ['1-0:1.8.1', 'kWh'], Ei2: ['1-0:1.8.2', 'kWh'], Eo1: ['1-0:2.8.1', 'kWh'], Eo2: ['1-0:2.8.2', 'kWh'],
};
const client = require('mqtt').connect(`mqtt://localhost:${process.argv[2]}`, {clientId: 'mqttjs-bridge', clean: false});
client.on('connect', () => client.subscribe('tele/+/SENSOR', {qos: 1}, () => console.error('subscribed')));
client.on('message', (topic, payload) => {
  const message = JSON.parse(payload);
  const registers = {};
  for (const [label, value] of Object.entries(message.z)) {
    const known = codes[label];
    if (!known) continue;
    const [code, unit] = known;
    registers[code] = unit === 'kW' ? {value: Math.round(value * 1e6) / 1e3, unit: 'W'} : {value, unit};
  }
  const meter = Buffer.from(message.z.SMid, 'hex').toString();
  client.publish('out/' + topic,
    JSON.stringify({meter, time: message.Time + 'Z', registers, source: {topic}}), {qos: 1});
});
